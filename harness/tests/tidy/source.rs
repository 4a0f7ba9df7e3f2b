//! A source file as a sequence of tokens, without comments.
//!
//! Resolves a path only as far as its top-level module.

use std::path::{Path, PathBuf};
use std::process::Command;

use proc_macro2::{Delimiter, TokenStream, TokenTree};

/// Folders that tools make.
const LEFT_BEHIND: &[&str] =
    &["target", ".git", "findings", "fuzz/artifacts", "fuzz/corpus", "fuzz/coverage"];

/// A file under `harness/src`.
pub(crate) struct Source {
    /// Its path within `harness/src`.
    path: PathBuf,
    /// Its whole text.
    pub(crate) text: String,
    tokens: Vec<Token>,
}

/// A name, a literal, or one character of punctuation.
struct Token {
    line: usize,
    text: String,
}

impl Source {
    pub(crate) fn new(path: &Path, text: &str) -> Self {
        Self { path: path.to_owned(), text: text.to_owned(), tokens: tokens_of(text) }
    }

    /// The top-level module that the file belongs to.
    pub(crate) fn module(&self) -> &str {
        let first = self.path.iter().next().and_then(|part| part.to_str());
        first.map_or("", |name| name.trim_end_matches(".rs"))
    }

    pub(crate) fn is(&self, path: &str) -> bool {
        self.path == Path::new(path)
    }

    /// A line of this file, as editors open it.
    pub(crate) fn place(&self, line: usize) -> String {
        format!("src/{}:{line}", self.path.display())
    }

    /// A message about a line of this file.
    pub(crate) fn failure(&self, line: usize, what: &str) -> String {
        format!("{}: {what}", self.place(line))
    }

    /// The top-level modules that the code names, each with the line of the path.
    ///
    /// A name after `super` may also belong to the file's own module, above all in its tests, so it counts
    /// only if `is_module` knows it.
    pub(crate) fn imports(&self, is_module: impl Fn(&str) -> bool) -> Vec<(usize, String)> {
        let up = "super::".repeat(self.depth());
        let is_child = |name: &str| !self.lines_with(&format!("mod {name}")).is_empty();
        let through_super = self.names_after(&up).into_iter();
        let through_super = through_super.filter(|(_, name)| is_module(name) && !is_child(name));
        self.names_after("crate::").into_iter().chain(through_super).collect()
    }

    /// The lines with this piece of code.
    pub(crate) fn lines_with(&self, code: &str) -> Vec<usize> {
        let starts = self.occurrences(code).into_iter();
        starts.map(|start| self.tokens[start].line).collect()
    }

    /// The types, traits and aliases that are `pub` without restriction, each with its line.
    pub(crate) fn public_types(&self) -> Vec<(usize, String)> {
        let kinds = ["struct", "enum", "union", "trait", "unsafe trait", "type"];
        let declared = kinds.iter().flat_map(|kind| self.names_after(&format!("pub {kind} ")));
        declared.collect()
    }

    fn names_after(&self, code: &str) -> Vec<(usize, String)> {
        let length = tokens_of(code).len();
        let starts = self.occurrences(code).into_iter();
        let starts = starts.filter(|start| *start == 0 || self.tokens[start - 1].text != ":");
        let named = starts.flat_map(|start| {
            let line = self.tokens[start].line;
            first_names(&self.tokens[start + length..]).into_iter().map(move |name| (line, name))
        });
        named.collect()
    }

    /// The positions of this piece of code among the tokens.
    fn occurrences(&self, code: &str) -> Vec<usize> {
        let code = tokens_of(code);
        let windows = self.tokens.windows(code.len()).enumerate();
        let same = windows
            .filter(|(_, window)| window.iter().map(|t| &t.text).eq(code.iter().map(|t| &t.text)));
        same.map(|(start, _)| start).collect()
    }

    /// How many times `super` leads from the file's module to the crate's root.
    fn depth(&self) -> usize {
        let parts = self.path.iter().count();
        if self.path.ends_with("mod.rs") { parts - 1 } else { parts }
    }
}

fn tokens_of(code: &str) -> Vec<Token> {
    let stream: TokenStream = code.parse().unwrap_or_else(|error| panic!("{error}: {code}"));
    let mut tokens = Vec::new();
    flatten(stream, &mut tokens);
    tokens
}

fn flatten(stream: TokenStream, tokens: &mut Vec<Token>) {
    for tree in stream {
        let line = tree.span().start().line;
        let TokenTree::Group(group) = tree else {
            tokens.push(Token { line, text: tree.to_string() });
            continue;
        };
        let (open, close) = match group.delimiter() {
            Delimiter::Parenthesis => ("(", ")"),
            Delimiter::Brace => ("{", "}"),
            Delimiter::Bracket => ("[", "]"),
            Delimiter::None => ("", ""),
        };
        tokens.push(Token { line, text: open.to_owned() });
        flatten(group.stream(), tokens);
        tokens.push(Token { line: group.span_close().start().line, text: close.to_owned() });
    }
}

/// The name with which a path continues, or the names at the outermost level of its braces.
fn first_names(rest: &[Token]) -> Vec<String> {
    let is_name = |token: &&Token| token.text.starts_with(|c: char| c.is_alphabetic() || c == '_');
    let Some(first) = rest.first() else { return Vec::new() };
    if first.text != "{" {
        return Some(first).filter(is_name).map(|token| token.text.clone()).into_iter().collect();
    }
    let mut names = Vec::new();
    let (mut depth, mut begins) = (0, false);
    for token in rest {
        match &*token.text {
            "{" => depth += 1,
            "}" => depth -= 1,
            _ if begins && is_name(&token) => names.push(token.text.clone()),
            _ => {}
        }
        if depth == 0 {
            break;
        }
        begins = depth == 1 && ["{", ","].contains(&&*token.text);
    }
    names
}

/// All files below `root` that are committed, in order.
///
/// Without git, as in an unpacked archive, these are all files except those that tools leave behind.
pub(crate) fn committed_files(root: &Path) -> Vec<PathBuf> {
    let git = Command::new("git").arg("-C").arg(root).args(["ls-files", "-z"]).output();
    let listed = git.ok().filter(|output| output.status.success()).map(|output| output.stdout);
    let mut files: Vec<PathBuf> = match listed {
        Some(names) => {
            let names = names.split(|byte| *byte == 0).filter(|name| !name.is_empty());
            names.map(|name| root.join(&*String::from_utf8_lossy(name))).collect()
        }
        None => files_under(root),
    };
    // A file that was just deleted is still in git's index.
    files.retain(|path| path.is_file());
    files
}

/// All files below a folder, in order, except those that tools leave behind.
pub(crate) fn files_under(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).expect("the repository can be read");
    let paths = entries.map(|entry| entry.expect("the repository can be read").path());
    let mut kept: Vec<PathBuf> =
        paths.filter(|path| !LEFT_BEHIND.iter().any(|end| path.ends_with(end))).collect();
    kept.sort();
    let below = kept.into_iter().flat_map(|path| match path.is_dir() {
        true => files_under(&path),
        false => vec![path],
    });
    below.collect()
}

mod tests {
    use super::*;

    fn source(text: &str) -> Source {
        Source::new(Path::new("vm/mod.rs"), text)
    }

    #[test]
    fn comments_and_strings_hold_no_code() {
        let text = "// a!\n\"a!\" /* a!\n*/ r#\"a!\n\"# '\\'' b'a' 'a: loop {} ba!();\nx!(a!(2));";
        assert_eq!(source(text).lines_with("a!"), [5]);
    }

    #[test]
    fn a_path_continues_with_names() {
        let names = |text: &str| first_names(&tokens_of(text));
        assert_eq!(names("a::b;"), ["a"]);
        assert_eq!(names("{a::{b, c}, d as e, f}; g"), ["a", "d", "f"]);
        assert!(names("*;").is_empty());
    }

    #[test]
    fn only_unrestricted_types_are_public() {
        let text = "pub struct A;\npub(crate) enum B {}\npub trait C { type D; }\npub type E = u8;";
        let named: Vec<_> = source(text).public_types();
        let expected = [(1, "A"), (3, "C"), (4, "E")];
        assert_eq!(named, expected.map(|(line, name)| (line, name.to_owned())));
    }

    #[test]
    fn the_way_up_depends_on_the_file() {
        let depth = |path: &str| Source::new(Path::new(path), "").depth();
        assert_eq!(["types.rs", "vm/mod.rs", "vm/error.rs"].map(depth), [1, 1, 2]);
    }
}
