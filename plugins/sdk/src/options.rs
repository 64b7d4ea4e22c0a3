//! Options from JSON, and the place of what is wrong with them.

use serde::de::DeserializeOwned;
use serde_path_to_error::Segment;

use crate::types::OptionProblem;

pub(crate) fn read<O: DeserializeOwned>(json: &str) -> Result<O, Vec<OptionProblem>> {
    let mut reader = serde_json::Deserializer::from_str(json);
    serde_path_to_error::deserialize(&mut reader).map_err(|error| {
        let pointer = error.path().iter().map(step).collect();
        vec![OptionProblem { pointer, message: message(&error.into_inner()) }]
    })
}

/// A step of a JSON pointer (RFC 6901).
fn step(segment: &Segment) -> String {
    match segment {
        Segment::Seq { index } => format!("/{index}"),
        Segment::Map { key } | Segment::Enum { variant: key } => {
            format!("/{}", key.replace('~', "~0").replace('/', "~1"))
        }
        Segment::Unknown => String::new(),
    }
}

/// The error without the line and column that serde_json adds: they are of JSON that no user has seen.
fn message(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let end = format!(" at line {} column {}", error.line(), error.column());
    text.strip_suffix(&end).unwrap_or(&text).to_owned()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::read;
    use crate::Network;

    fn problem(json: &str) -> (String, String) {
        let mut problems = read::<BTreeMap<String, Vec<Network>>>(json).unwrap_err();
        let problem = problems.remove(0);
        (problem.pointer, problem.message)
    }

    #[test]
    fn a_problem_has_the_pointer_of_its_value() {
        let (pointer, message) = problem(r#"{"a/b": ["10.0.0.0/8", "10.0.0.0/40"]}"#);
        assert_eq!(pointer, "/a~1b/1");
        assert_eq!(message, "`10.0.0.0/40` is no network: the length is at most 32");
        assert_eq!(problem("[]").0, "");
        assert!(read::<BTreeMap<String, Vec<Network>>>("{}").is_ok_and(|options| options.is_empty()));
    }
}
