//! The settings for clients, in the syntax of a shell.

use crate::options::Format;

/// One line for each variable.
pub(crate) fn lines(variables: &[(&str, String)], format: Format) -> String {
    let line = |(name, value): &(&str, String)| match format {
        Format::Sh => format!("export {name}='{}'\n", value.replace('\'', r"'\''")),
        Format::Fish => {
            let value = value.replace('\\', r"\\").replace('\'', r"\'");
            format!("set -gx {name} '{value}'\n")
        }
        Format::Powershell => format!("$env:{name} = '{}'\n", value.replace('\'', "''")),
    };
    variables.iter().map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn special_characters_are_quoted_for_each_shell() {
        let variables = [("TOKEN", r"$(it's)\".to_owned())];
        let cases = [
            (Format::Sh, "export TOKEN='$(it'\\''s)\\'\n"),
            (Format::Fish, "set -gx TOKEN '$(it\\'s)\\\\'\n"),
            (Format::Powershell, "$env:TOKEN = '$(it''s)\\'\n"),
        ];

        for (format, expected) in cases {
            assert_eq!(lines(&variables, format), expected);
        }
    }
}
