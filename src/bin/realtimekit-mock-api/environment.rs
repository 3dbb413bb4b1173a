//! The settings for clients, in the syntax of a shell.

use crate::options::Format;

/// Environment variables, in order.
pub(crate) struct Environment(pub(crate) Vec<(&'static str, String)>);

impl Environment {
    /// One line for each variable.
    pub(crate) fn lines(&self, format: Format) -> String {
        let line = |(name, value): &(&str, String)| match format {
            Format::Sh => format!("export {name}='{}'\n", value.replace('\'', r"'\''")),
            Format::Fish => {
                let value = value.replace('\\', r"\\").replace('\'', r"\'");
                format!("set -gx {name} '{value}'\n")
            }
            Format::Powershell => format!("$env:{name} = '{}'\n", value.replace('\'', "''")),
        };
        self.0.iter().map(line).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn special_characters_are_quoted_for_each_shell() {
        let environment = Environment(vec![("TOKEN", r"$(it's)\".to_owned())]);

        let lines = [Format::Sh, Format::Fish, Format::Powershell];
        let lines = lines.map(|format| environment.lines(format));

        assert_eq!(lines[0], "export TOKEN='$(it'\\''s)\\'\n");
        assert_eq!(lines[1], "set -gx TOKEN '$(it\\'s)\\\\'\n");
        assert_eq!(lines[2], "$env:TOKEN = '$(it''s)\\'\n");
    }
}
