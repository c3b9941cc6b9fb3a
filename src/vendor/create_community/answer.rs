//! The success answer of Create Community.

use uuid::Uuid;

use super::ENDPOINT;
use crate::http::Reply;
use crate::vendor::endpoint::Call;
use crate::vendor::envelope;
use crate::vendor::parts::links::{Link, Links};
use crate::vendor::parts::people::Picture;
use crate::vendor::schema::answer;
use crate::world::{Brand, Community, User};

answer! {
    /// What Create Community answers.
    pub(crate) struct CreatedCommunity<'a> as "CreateCommunityData" {
        "community_id" as community_id: Uuid, Sibling;
        "share_url" as share_url: Link<'a>, Sibling, rule "ends in the handle" Assumed;
        "dp" as dp: Link<'a>, Sibling;
        "banner" as banner: Link<'a>, Sibling;
        "color_code" as color_code: &'a str, Sibling,
            rule "the next pair of the platform's" Assumed;
        "text_color_code" as text_color_code: &'a str, Sibling;
        "leader" as leader: LeaderAnswer<'a>, Sibling,
            rule "the brand's system user of the fixtures, or else the caller" Assumed;
    }
}

answer! {
    /// The leader of the community.
    pub(crate) struct LeaderAnswer<'a> as "Leader" {
        "member_id" as member_id: Uuid, Sibling;
        "name" as name: Option<&'a str>, Sibling;
        "bio" as bio: Option<&'a str>, Sibling;
        "nickname" as nickname: Option<&'a str>, Sibling, rule "the user's handle" Assumed;
        "phone" as phone: Option<&'a str>, Sibling;
        "is_brand_system_user" as is_brand_system_user: bool, Sibling;
        "is_avatar" as is_avatar: bool, Sibling;
        "brand" as brand: Option<BrandAnswer<'a>>, Sibling;
        "profile_image" as profile_image: Picture<'a>, Sibling;
        "profile_image_s" as profile_image_s: Picture<'a>, Sibling;
        "profile_image_m" as profile_image_m: Picture<'a>, Sibling;
        "profile_image_l" as profile_image_l: Picture<'a>, Sibling;
    }
}

answer! {
    /// The brand that the leader acts for.
    pub(crate) struct BrandAnswer<'a> as "Brand" {
        "brand_id" as brand_id: i64, Sibling;
        "brand_slug" as brand_slug: &'a str, Sibling;
    }
}

impl<'a> LeaderAnswer<'a> {
    fn of(user: &'a User, links: &'a Links) -> Self {
        let [image, small, medium, large] = Picture::in_all_sizes(user, links);
        let brand = |brand: &'a Brand| BrandAnswer {
            brand_id: brand.brand_id,
            brand_slug: &brand.brand_slug,
        };
        Self {
            member_id: user.user_id,
            name: user.name.as_deref(),
            bio: user.bio.as_deref(),
            nickname: user.nickname(),
            phone: user.phone_number.as_deref(),
            is_brand_system_user: user.is_brand_system_user,
            is_avatar: user.has_avatar(),
            brand: user.brand.as_ref().map(brand),
            profile_image: image,
            profile_image_s: small,
            profile_image_m: medium,
            profile_image_l: large,
        }
    }
}

/// Returns the answer for a community that is about to be stored.
pub(crate) fn reply(community: &Community, leader: &User, call: &Call) -> Reply {
    let links = Links::of(call);
    let [share_url] = links.file("community", Some(&community.handle), [""]);
    let [dp] = links.file("uploads/profile_images/community", community.dp.as_deref(), [""]);
    let [banner] = links.file("uploads/community/banner", community.banner.as_deref(), [""]);
    let data = CreatedCommunity {
        community_id: community.community_id,
        share_url,
        dp,
        banner,
        color_code: &community.color_code,
        text_color_code: &community.text_color_code,
        leader: LeaderAnswer::of(leader, &links),
    };
    envelope::success(ENDPOINT.answer.message, &data)
}
