//! The guides: `examples/guides/NAME.md.tmpl` with the files that it names in their places.
//!
//! A guide shows code only from files (`{{tffile "…"}}`, `{{codefile "language" "…"}}`, as in
//! `terraform-plugin-docs`), and tests run those files. What is output is `text`.

use crate::{files, is_sentence, read};

const DIRECTORY: &str = "examples/guides";
const INDEX: &str = "examples/provider/index.md.tmpl";
const MADE_BY: &str =
    "made by `UPDATE_DOCS=1 cargo test --test docs` from examples/guides: edit that";

/// Where whoever never saw the provider begins, and what they need later.
const ORDER: [&str; 7] = [
    "getting-started",
    "importing-existing-webhooks",
    "renaming-and-reordering-webhooks",
    "receiving-deliveries",
    "testing-your-modules",
    "rate-limits-and-large-deployments",
    "troubleshooting",
];

struct Guide {
    name: &'static str,
    template: String,
}

#[test]
fn every_template_is_a_guide_in_the_list() {
    let mut expected = ORDER.map(|name| format!("{DIRECTORY}/{name}.md.tmpl"));
    let mut found = files(DIRECTORY);
    found.retain(|path| path.ends_with(".tmpl"));
    expected.sort_unstable();
    found.sort_unstable();

    assert_eq!(found, expected, "ORDER in tests/docs/guides.rs lists them");
}

#[test]
fn every_guide_says_in_a_sentence_what_it_is_about() {
    for guide in guides() {
        let (name, title) = (guide.name, guide.title());

        assert!(is_sentence(guide.description()), "{name}");
        assert!(guide.template.contains(&format!("\n# {title}\n")), "{name}");
        assert!(guide.template.contains("\nsubcategory: \"\"\n"), "{name}");
    }
}

#[test]
fn a_guide_shows_no_code_that_is_not_a_file() {
    for guide in guides() {
        let fences = guide
            .template
            .lines()
            .filter(|line| line.starts_with("```"));
        for opening in fences.step_by(2) {
            assert_eq!(opening, "```text", "{}: move it to examples/", guide.name);
        }
    }
}

#[test]
fn there_is_no_file_for_guides_that_none_shows() {
    let templates: String = guides().into_iter().map(|guide| guide.template).collect();

    let stray: Vec<String> = shown_by_guides()
        .into_iter()
        .filter(|path| !templates.contains(&format!("\"{path}\"")))
        .collect();

    assert!(stray.is_empty(), "{stray:?}");
}

#[test]
fn every_file_for_guides_is_run_by_a_test() {
    let tests = [
        "tests/acceptance",
        "tests/terraform_1_14",
        "tests/receivers",
    ];
    let tests = tests.into_iter().flat_map(files);
    let tests: String = tests
        .chain(["tests/demo.rs".to_owned()])
        .filter_map(|path| read(&path))
        .collect();

    let idle: Vec<String> = shown_by_guides()
        .into_iter()
        .filter(|path| !tests.contains(path.trim_start_matches("examples/guides/")))
        .collect();

    assert!(idle.is_empty(), "{idle:?}");
}

/// The guides as they should be, by path.
pub(crate) fn pages() -> Vec<(String, String)> {
    let guides = guides().into_iter();
    guides
        .map(|guide| (format!("docs/guides/{}.md", guide.name), guide.render()))
        .collect()
}

/// The page of the provider: front matter and schema as generated, between them the text of the
/// template with the list of guides.
#[track_caller]
pub(crate) fn index(generated: &str) -> String {
    let line = |guide: Guide| {
        let (name, title, about) = (guide.name, guide.title(), guide.description());
        format!("- [{title}](guides/{name}.md): {about}\n")
    };
    let list: String = guides().into_iter().map(line).collect();
    let template = read(INDEX).unwrap();
    let text = filled(&template, INDEX).replace("{{guides}}\n", &list);
    let title = "\n# realtimekit Provider\n\n";
    let (front_matter, _) = generated.split_once(title).unwrap();
    let (_, schema) = generated.split_once("<!-- made by").unwrap();
    format!("{front_matter}{title}{text}\n<!-- made by{schema}")
}

/// The template with the files that it names in their places.
#[track_caller]
fn filled(template: &str, name: &str) -> String {
    let lines = template.lines().map(|line| match shown(line) {
        Some((language, path)) => {
            let code = read(path).unwrap_or_else(|| panic!("{name}: no {path}"));
            format!("```{language}\n{}\n```\n", code.trim_end())
        }
        None => format!("{line}\n"),
    });
    lines.collect()
}

/// The files that are there for guides to show.
fn shown_by_guides() -> Vec<String> {
    let mut files = files(DIRECTORY);
    files.retain(|path| !path.ends_with(".tmpl"));
    files
}

fn guides() -> Vec<Guide> {
    let guide = |name| Guide {
        name,
        template: read(&format!("{DIRECTORY}/{name}.md.tmpl")).unwrap(),
    };
    ORDER.map(guide).into()
}

impl Guide {
    #[track_caller]
    fn title(&self) -> &str {
        between(&self.template, "page_title: \"", "\"")
    }

    #[track_caller]
    fn description(&self) -> &str {
        between(&self.template, "description: |-\n  ", "\n---")
    }

    #[track_caller]
    fn render(&self) -> String {
        let template = self
            .template
            .replacen("---\n", &format!("---\n# {MADE_BY}\n"), 1);
        filled(&template, self.name)
    }
}

/// The language and the path of a file that a line names.
fn shown(line: &str) -> Option<(&str, &str)> {
    let call = line.strip_prefix("{{")?.strip_suffix("}}")?;
    if call == "guides" {
        return None;
    }
    let parts: Vec<&str> = call.split('"').collect();
    match parts.as_slice() {
        ["tffile ", path, ""] => Some(("terraform", path)),
        ["codefile ", language, " ", path, ""] => Some((language, path)),
        _ => panic!("{line}"),
    }
}

#[track_caller]
fn between<'t>(text: &'t str, before: &str, after: &str) -> &'t str {
    let rest = text.split_once(before).unwrap().1;
    rest.split_once(after).unwrap().0
}
