//! Names as steps of JSON pointers (RFC 6901).

/// A name as a step.
pub fn escaped(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

/// The name that a step stands for.
pub fn unescaped(step: &str) -> String {
    step.replace("~1", "/").replace("~0", "~")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_step_holds_no_slash_and_is_its_name_again(name in "[a/~01]{0,8}") {
            let step = escaped(&name);
            prop_assert!(!step.contains('/'));
            prop_assert_eq!(unescaped(&step), name);
        }
    }
}
