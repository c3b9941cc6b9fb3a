//! Enums whose variants have names that users see.

/// Declares an enum with the name of each variant beside it, which `name` returns. With `const ALL;` after it,
/// `ALL` lists the variants in this order, in which users see them.
macro_rules! named {
    ($(#[$attribute:meta])* $vis:vis enum $type:ident {
        $( $(#[$of_variant:meta])* $variant:ident = $name:literal ),+ $(,)?
    }
    $vis_of_all:vis const ALL;) => {
        crate::text::named! {
            $(#[$attribute])* $vis enum $type { $( $(#[$of_variant])* $variant = $name ),+ }
        }

        impl $type {
            /// All of them, in the order in which users see them.
            $vis_of_all const ALL: [Self; [$($name),+].len()] = [$(Self::$variant),+];
        }
    };
    ($(#[$attribute:meta])* $vis:vis enum $type:ident {
        $( $(#[$of_variant:meta])* $variant:ident = $name:literal ),+ $(,)?
    }) => {
        $(#[$attribute])*
        $vis enum $type { $( $(#[$of_variant])* $variant ),+ }

        impl $type {
            /// The name that users see.
            $vis const fn name(self) -> &'static str {
                match self { $( Self::$variant => $name ),+ }
            }
        }
    };
}

pub(crate) use named;
