//! Links lead to files and anchors that exist. Other sites are not asked.

use crate::{files, outside_code, read, root};

/// Where this repository is shown: such a link leads to a file too.
const REPOSITORY: &str = "https://github.com/realtimekit/terraform-provider-realtimekit/";

#[test]
fn every_link_leads_somewhere() {
    let top = ["README", "CHANGELOG", "CONTRIBUTING", "SECURITY"];
    let top = top.map(|name| format!("{name}.md"));
    let mut texts = [files("docs"), files("examples"), top.into()].concat();
    texts.retain(|path| path.ends_with(".md"));
    let mut broken = Vec::new();
    for path in texts {
        let is_guide = path.starts_with("docs/guides");
        for link in links(&read(&path)) {
            // The Registry shows docs/ alone, so a guide links to the repository.
            let is_stray = is_guide && link.starts_with("../../");
            if is_stray || !leads_somewhere(&path, &link) {
                broken.push(format!("{path}: {link}"));
            }
        }
    }

    assert!(broken.is_empty(), "{broken:#?}");
}

/// The targets of links, `[text](target)` and `[name]: target`, code left out.
fn links(markdown: &str) -> Vec<String> {
    let text = outside_code(markdown);
    let inline = text.split("](").skip(1);
    let inline = inline.filter_map(|rest| Some(rest.split_once(')')?.0));
    let definitions = text.lines().filter(|line| line.starts_with('['));
    let definitions = definitions.filter_map(|line| Some(line.split_once("]: ")?.1));
    inline.chain(definitions).map(str::to_owned).collect()
}

/// Whether a link in the file at `path` leads to a file and an anchor in it.
fn leads_somewhere(path: &str, link: &str) -> bool {
    let of_repository = link.strip_prefix(REPOSITORY);
    let shown = of_repository.and_then(|rest| {
        let file = rest.strip_prefix("blob/main/");
        file.or_else(|| rest.strip_prefix("tree/main/"))
    });
    let (base, link) = match shown {
        Some(file) => (root().to_owned(), file),
        None if link.starts_with("https://") => return true,
        None => (root().join(path).parent().unwrap().to_owned(), link),
    };
    let (file, anchor) = link.split_once('#').unwrap_or((link, ""));
    let target = match file {
        "" => root().join(path),
        file => base.join(file),
    };
    match anchor {
        "" => target.exists(),
        anchor => std::fs::read_to_string(target).is_ok_and(|text| has_anchor(&text, anchor)),
    }
}

fn has_anchor(markdown: &str, anchor: &str) -> bool {
    let text = outside_code(markdown);
    let mut headings = text.lines().filter(|line| line.starts_with('#'));
    let is_heading = headings.any(|line| slug(line.trim_start_matches('#').trim()) == anchor);
    is_heading || markdown.contains(&format!("<a id=\"{anchor}\""))
}

/// As sites that show Markdown make an anchor of a heading.
fn slug(heading: &str) -> String {
    let slug = heading.to_lowercase().replace(' ', "-");
    slug.replace(|c: char| !c.is_alphanumeric() && !"-_".contains(c), "")
}
