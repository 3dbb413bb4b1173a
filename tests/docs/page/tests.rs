//! Whole pages of an invented provider.

use super::*;
use realtimekit::framework::{
    Parameter, Type,
    schema::{AttributeType, Nesting, computed, optional, required},
};

fn schema() -> Schema {
    let rule = vec![
        required("port", Type::Number, "Port."),
        computed("hits", Type::Number, "How often it was used."),
    ];
    Schema::new(
        "Lets [requests](https://example.com/r) in, by `port`.\n\nAt most 9.",
        [
            optional(
                "rules",
                AttributeType::Nested(Nesting::List, rule),
                "The rules.",
            ),
            required("name", Type::String, "A name.").requires_replace(),
            optional("tags", Type::map(Type::String), "Labels.").or_computed(),
            optional("key", Type::String, "A key.").sensitive(),
            computed("id", Type::String, "An identifier."),
        ],
    )
}

fn page<'p>(subject: Subject, schema: &'p Schema, import: Option<Import<'p>>) -> Page<'p> {
    Page {
        subject,
        provider: "wall",
        content: Content::Schema(schema),
        example: "resource \"wall_gate\" \"one\" {}\n",
        import,
        moved: None,
        made_by: "made by a test",
    }
}

#[test]
fn a_page_has_the_sections_in_the_registrys_order() {
    let identity = [
        optional("wall", Type::String, "Which wall."),
        required("id", Type::String, "An identifier."),
    ];
    let import = Import {
        identity: Some(Identity {
            block: "import { identity = {} }\n",
            attributes: &identity,
        }),
        block: "import {}\n",
        command: "terraform import wall_gate.one 1\n",
    };

    let text = page(Subject::Resource("wall_gate"), &schema(), Some(import)).to_string();

    let expected = r#"---
# made by a test
page_title: "wall_gate Resource - terraform-provider-wall"
subcategory: ""
description: |-
  Lets requests in, by port.
  At most 9.
---

# wall_gate (Resource)

Lets [requests](https://example.com/r) in, by `port`.

At most 9.

## Example Usage

```terraform
resource "wall_gate" "one" {}
```

<!-- made by a test -->
## Schema

### Required

- `name` (String) A name. Requires replacement if changed.

### Optional

- `key` (String, Sensitive) A key.
- `rules` (Attributes List) The rules. (see [below for nested schema](#nestedatt--rules))
- `tags` (Map of String) Labels.

### Read-Only

- `id` (String) An identifier.

<a id="nestedatt--rules"></a>
### Nested Schema for `rules`

Required:

- `port` (Number) Port.

Read-Only:

- `hits` (Number) How often it was used.

## Import

Import is supported using the following syntax:

In Terraform v1.12.0 and later, the [`import` block](https://developer.hashicorp.com/terraform/language/import) can be used with the `identity` attribute, for example:

```terraform
import { identity = {} }
```

### Identity Schema

#### Required

- `id` (String) An identifier.

#### Optional

- `wall` (String) Which wall.

In Terraform v1.5.0 and later, the [`import` block](https://developer.hashicorp.com/terraform/language/import) can be used with the `id` attribute, for example:

```terraform
import {}
```

The [`terraform import` command](https://developer.hashicorp.com/terraform/cli/commands/import) can be used, for example:

```shell
terraform import wall_gate.one 1
```
"#;
    assert_eq!(text, expected);
}

#[test]
fn anchors_of_deeper_blocks_name_the_whole_way() {
    let inner = AttributeType::Nested(Nesting::Map, vec![computed("c", Type::Bool, "C.")]);
    let outer = AttributeType::Nested(Nesting::Single, vec![computed("b", inner, "B.")]);
    let schema = Schema::new("Nested.", [computed("a", outer, "A.")]);

    let text = page(Subject::DataSource("wall_gate"), &schema, None).to_string();

    assert!(
        text.contains(
            "- `b` (Attributes Map) B. (see [below for nested schema](#nestedatt--a--b))"
        )
    );
    assert!(text.ends_with(
        "<a id=\"nestedatt--a--b\"></a>\n### Nested Schema for `a.b`\n\nRead-Only:\n\n- `c` (Boolean) C.\n"
    ));
}

#[test]
fn a_page_is_where_the_registry_looks_for_it() {
    let schema = schema();
    let path = |subject| page(subject, &schema, None).path();

    assert_eq!(path(Subject::Provider), "docs/index.md");
    assert_eq!(
        path(Subject::Resource("wall_gate")),
        "docs/resources/gate.md"
    );
    let kinds = [
        (
            Subject::DataSource("wall_gate"),
            "docs/data-sources/gate.md",
        ),
        (
            Subject::ListResource("wall_gate"),
            "docs/list-resources/gate.md",
        ),
        (Subject::Action("wall_gate"), "docs/actions/gate.md"),
        (
            Subject::Function("wall_gate"),
            "docs/functions/wall_gate.md",
        ),
    ];
    for (subject, expected) in kinds {
        assert_eq!(path(subject), expected);
    }
}

#[test]
fn the_page_of_a_provider_is_named_after_it_and_has_no_category() {
    let text = page(Subject::Provider, &schema(), None).to_string();

    assert!(text.contains("page_title: \"wall Provider\"\ndescription: |-\n"));
    assert!(text.contains("\n# wall Provider\n"));
}

#[test]
fn list_resources_and_actions_are_described_like_resources() {
    let cases = [
        (Subject::ListResource("wall_gate"), "List Resource"),
        (Subject::Action("wall_gate"), "Action"),
    ];
    for (subject, what) in cases {
        let text = page(subject, &schema(), None).to_string();

        let title =
            format!("page_title: \"wall_gate {what} - terraform-provider-wall\"\nsubcategory");
        assert!(text.contains(&title), "{text}");
        assert!(
            text.contains(&format!("\n# wall_gate ({what})\n")),
            "{text}"
        );
        assert!(text.contains("\n## Schema\n\n### Required\n\n- `name` (String)"));
        assert!(!text.contains("## Import"));
    }
}

#[test]
fn examples_are_where_the_registrys_tools_look_for_them() {
    let file = |subject: Subject| format!("{}/{}", subject.examples(), subject.example_file());

    let files = [
        Subject::Provider,
        Subject::Resource("wall_gate"),
        Subject::DataSource("wall_gate"),
        Subject::ListResource("wall_gate"),
        Subject::Action("wall_open"),
        Subject::Function("height"),
    ]
    .map(file);

    let expected = [
        "examples/provider/provider.tf",
        "examples/resources/wall_gate/resource.tf",
        "examples/data-sources/wall_gate/data-source.tf",
        "examples/list-resources/wall_gate/list-resource.tfquery.hcl",
        "examples/actions/wall_open/action.tf",
        "examples/functions/height/function.tf",
    ];
    assert_eq!(files, expected);
}

fn height() -> Signature {
    Signature {
        summary: "How *high* a wall is.".to_owned(),
        description: "Returns how high a wall is.\n\nIn `m`.".to_owned(),
        parameters: vec![
            Parameter::new("wall", Type::String, "Which wall."),
            Parameter::new("gates", Type::list(Type::Number), "Its gates."),
        ],
        variadic: Some(Parameter::new(
            "bricks",
            Type::Object(Default::default()),
            "What it is built of.",
        )),
        returns: Type::map(Type::set(Type::Bool)),
    }
}

#[test]
fn the_page_of_a_function_has_its_signature_and_arguments() {
    let signature = height();
    let page = Page {
        subject: Subject::Function("height"),
        provider: "wall",
        content: Content::Signature(&signature),
        example: "output \"height\" {}\n",
        import: None,
        moved: None,
        made_by: "made by a test",
    };

    let expected = r#"---
# made by a test
page_title: "height function - terraform-provider-wall"
subcategory: ""
description: |-
  How high a wall is.
---

# function: height

Returns how high a wall is.

In `m`.

## Example Usage

```terraform
output "height" {}
```

## Signature

<!-- made by a test -->
```text
height(wall string, gates list of number, bricks object...) map of set of bool
```

## Arguments

<!-- made by a test -->
1. `wall` (String) Which wall.
1. `gates` (List of Number) Its gates.
1. `bricks` (Variadic, Object) What it is built of.
"#;
    assert_eq!(page.to_string(), expected);
}

#[test]
fn a_page_shows_what_a_resource_takes_over() {
    let schema = Schema::new("A gate.", []);
    let mut page = page(Subject::Resource("wall_gate"), &schema, None);
    page.moved = Some("moved {\n  from = fence_door.one\n}\n");

    let text = page.to_string();

    let (_, section) = text.split_once("\n## Move\n").unwrap();
    assert!(section.contains("```terraform\nmoved {\n  from = fence_door.one\n}\n```\n"));
}
