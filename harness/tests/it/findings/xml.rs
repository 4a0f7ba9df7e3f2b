//! Checks that the tags of an HTML or XML document are balanced, so that no text became markup.

/// HTML's elements without an end tag, and those whose end tag is optional.
const OPEN: [&str; 12] =
    ["meta", "br", "hr", "img", "th", "td", "tr", "dt", "dd", "li", "p", "!doctype"];

/// The names of all tags in order, without attributes; end tags keep their slash.
pub(crate) fn tags(document: &str) -> Vec<String> {
    let mut tags = Vec::new();
    for piece in document.split('<').skip(1) {
        let tag = piece.split_once('>').map_or(piece, |(tag, _)| tag);
        let name = tag.split([' ', '\n']).next().unwrap_or_default();
        let alone = tag.ends_with('/') && !tag.starts_with('/');
        let name = name.trim_end_matches('/').to_owned();
        tags.push(if alone { format!("{name}/") } else { name });
    }
    tags
}

pub(crate) fn assert_balanced(document: &str) {
    let mut open: Vec<String> = Vec::new();
    for tag in tags(document) {
        let bare = tag.trim_start_matches('/').to_owned();
        if tag.starts_with('?') || tag.ends_with('/') || OPEN.contains(&bare.as_str()) {
            continue;
        }
        match tag.strip_prefix('/') {
            None => open.push(tag),
            Some(name) => assert_eq!(open.pop().as_deref(), Some(name), "after {open:?}"),
        }
    }
    assert!(open.is_empty(), "never closed: {open:?}");
    let bad = |c: char| c.is_control() && !matches!(c, '\n' | '\t');
    assert!(!document.contains(bad), "the document contains a control character");
}
