//! Writing to a string, which cannot fail.

/// Appends formatted text to a `String`.
macro_rules! append {
    ($text:expr, $($format:tt)+) => {
        std::fmt::Write::write_fmt(&mut $text, format_args!($($format)+))
            .expect("BUG: a string can always be written to")
    };
}

pub(crate) use append;
