//! `tenants/{tenant}/fixtures`: a tenant's world as a fixture file that starts an equal one.

use std::task::Poll;

use bytes::Bytes;
use http::StatusCode;
use serde_json::Value;

use super::answer::{Answer, Output, Pieces, Streamed};
use super::input::TenantParameter;
use super::world::read_world;
use crate::call::Sandbox;
use crate::described::{Components, Described};
use crate::fixtures::{self, WorldCopy, WorldText};
use crate::http::{MAX_PIECE_BYTES, Problem, Reply};
use crate::memory::Share;

/// 200 with the text of a fixture file.
pub(super) struct FixtureFile(Answer);

#[derive(Debug)]
pub(super) struct DescribedFixtures;

impl Described for DescribedFixtures {
    fn schema(components: &mut Components) -> Value {
        components.named("FixtureFile", |_| fixtures::schema())
    }
}

impl Output for FixtureFile {
    type Body = DescribedFixtures;

    fn into_answer(self) -> Result<Answer, Problem> {
        Ok(self.0)
    }
}

/// A longer file is sent in pieces.
const WHOLE_BYTES: usize = 256 * 1024;

const MEDIA_TYPE: &str = "application/json";

pub(super) fn show(
    sandbox: &Sandbox,
    TenantParameter(name): TenantParameter,
) -> Result<FixtureFile, Problem> {
    // a large world takes long to write, for which its calls do not wait
    let world = read_world(sandbox, &name, WorldCopy::of);
    let answer = |body| Reply::new(StatusCode::OK, MEDIA_TYPE, body);
    if let Some(text) = world.short_text(WHOLE_BYTES) {
        return Ok(FixtureFile(Answer::Reply(answer(text))));
    }
    let checked = world.check(fixtures::LIMITS);
    let longest_bytes = checked.map_err(|why| Problem::new(StatusCode::CONFLICT, why))?;
    let limit_bytes = sandbox.memory.connections.limit_bytes();
    // an entry is in memory as a whole, and while it is sent a piece of it besides
    if longest_bytes + 2 * MAX_PIECE_BYTES > limit_bytes {
        let detail = format!(
            "an entry of the file takes {longest_bytes} bytes, of the {limit_bytes} for all answers under way; \
             raise --max-memory"
        );
        return Err(Problem::new(StatusCode::SERVICE_UNAVAILABLE, detail));
    }
    let place = sandbox.world_files.take(1).map_err(|_| {
        let detail = "the long fixture file of a tenant is being sent to another client; try again when it has \
                      been read";
        Problem::new(StatusCode::SERVICE_UNAVAILABLE, detail)
    })?;
    let pieces = WorldPieces {
        world,
        written: WorldText::default(),
        made: Bytes::new(),
        made_bytes: 0,
        _place: place,
    };
    let (head, pieces) = (answer(String::new()), Box::new(pieces));
    Ok(FixtureFile(Answer::Stream(Streamed { head, pieces, keepalive: None })))
}

/// Writes a file as it is read. No budget counts the copy of the world, so that there is one place for it.
struct WorldPieces {
    world: WorldCopy,
    written: WorldText,
    /// What is left of what was written.
    made: Bytes,
    /// What was written takes as long as a piece of it is being sent, in bytes.
    made_bytes: usize,
    _place: Share,
}

impl Pieces for WorldPieces {
    fn next(&mut self, _: &Sandbox) -> Poll<Option<Bytes>> {
        if self.made.is_empty() {
            let mut text = String::new();
            while text.len() < MAX_PIECE_BYTES && self.written.write_next(&self.world, &mut text) {}
            self.made_bytes = text.len();
            self.made = text.into();
        }
        let piece = self.made.split_to(self.made.len().min(MAX_PIECE_BYTES));
        if self.made.is_empty() {
            // what was written is kept as long as anything of it is left
            self.made = Bytes::new();
        }
        Poll::Ready(Some(piece).filter(|piece| !piece.is_empty()))
    }

    fn kept_bytes(&self) -> usize {
        self.made_bytes
    }
}

#[cfg(test)]
mod tests {
    use http::Method;
    use serde_json::json;

    use super::*;
    use crate::call::Config;
    use crate::http::Request;
    use crate::world::TenantName;

    fn show_demo(sandbox: &Sandbox) -> Result<Answer, Problem> {
        let demo = TenantParameter(TenantName::parse("demo").unwrap());
        show(sandbox, demo).and_then(FixtureFile::into_answer)
    }

    #[test]
    fn one_long_file_is_sent_at_a_time_in_pieces() {
        let sandbox = Sandbox::new(Config::default()).unwrap();
        let short = show_demo(&sandbox).unwrap();
        assert!(matches!(short, Answer::Reply(_)));
        let group = json!({"type": 4, "community_id": "f2a05adb-93ce-4a19-b003-3523fa745667",
            "group": {"name": "n", "description": "é".repeat(MAX_PIECE_BYTES)}});
        for _ in 0..3 {
            let request = Request::json(
                Method::POST,
                "/api/thirdparty/group/create",
                Some("gnsb_demo"),
                group.to_string(),
            );
            assert_eq!(sandbox.answer(&request).status, 200);
        }
        let Answer::Stream(mut streamed) = show_demo(&sandbox).unwrap() else {
            panic!("it is long")
        };
        let Err(refused) = show_demo(&sandbox) else { panic!("one is under way") };
        assert_eq!(refused.status(), StatusCode::SERVICE_UNAVAILABLE);
        let mut text = Vec::new();
        while let Poll::Ready(Some(piece)) = streamed.pieces.next(&sandbox) {
            assert!(piece.len() <= MAX_PIECE_BYTES);
            assert!(streamed.pieces.kept_bytes() < 3 * MAX_PIECE_BYTES);
            text.extend_from_slice(&piece);
        }
        drop(streamed);
        let whole = show_demo(&sandbox).unwrap().finish(&sandbox).into_parts().body;
        assert!(text == whole, "the next file is the same");
        let read: Value = serde_json::from_slice(&text).unwrap();
        assert_eq!(read["groups"][2]["description"], group["group"]["description"]);
    }
}
