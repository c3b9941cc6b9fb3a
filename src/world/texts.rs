//! Lists of short texts: apart, each of them would take a piece of memory many times its length.

/// Texts in one piece of memory, in order.
#[derive(Debug, Default)]
pub(crate) struct Texts {
    whole: Box<str>,
    /// Where each of them ends in `whole`.
    ends: Box<[u32]>,
}

impl Texts {
    pub(crate) fn of(texts: &[&str]) -> Self {
        let mut whole = String::with_capacity(texts.iter().map(|text| text.len()).sum());
        let ends = texts.iter().map(|text| {
            whole.push_str(text);
            u32::try_from(whole.len()).expect("BUG: a body has a limit")
        });
        let ends = ends.collect();
        Self { whole: whole.into(), ends }
    }

    pub(super) fn len(&self) -> usize {
        self.ends.len()
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &str> {
        let starts = [0].into_iter().chain(self.ends.iter().copied());
        starts.zip(&self.ends).map(|(start, end)| &self.whole[start as usize..*end as usize])
    }

    /// The memory of the texts, in bytes.
    pub(super) fn size_bytes(&self) -> usize {
        self.whole.len() + size_of_val(&*self.ends)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_stay_apart_and_take_little_more_than_their_length() {
        let sent = ["grüße", "", "z", ""];
        let texts = Texts::of(&sent);
        assert_eq!(texts.iter().collect::<Vec<_>>(), sent);
        assert_eq!((texts.len(), texts.size_bytes()), (4, 8 + 4 * 4));
        assert_eq!(Texts::default().iter().count(), 0);
    }
}
