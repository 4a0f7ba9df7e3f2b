//! A source file, read just well enough for the rules: its code without comments and texts, and the
//! modules that it names.
//!
//! Never understands more of Rust than that, and never judges.

use std::path::{Path, PathBuf};
use std::process::Command;

/// Folders that tools make.
const LEFT_BEHIND: &[&str] =
    &["target", ".git", "findings", "fuzz/artifacts", "fuzz/corpus", "fuzz/coverage"];

/// A file under `harness/src`.
pub(crate) struct Source {
    /// Its path within `harness/src`.
    path: PathBuf,
    /// All of it.
    pub(crate) text: String,
    /// The same lines, with comments and the inside of texts left blank.
    pub(crate) code: String,
}

impl Source {
    pub(crate) fn new(path: &Path, text: &str) -> Self {
        Self { path: path.to_owned(), text: text.to_owned(), code: code_of(text) }
    }

    /// The module of the crate's root that the file belongs to.
    pub(crate) fn module(&self) -> &str {
        let first = self.path.iter().next().and_then(|part| part.to_str());
        first.map_or("", |name| name.trim_end_matches(".rs"))
    }

    pub(crate) fn is(&self, path: &str) -> bool {
        self.path == Path::new(path)
    }

    /// A message about a line of this file.
    pub(crate) fn failure(&self, line: usize, what: &str) -> String {
        format!("src/{}:{line}: {what}", self.path.display())
    }

    /// The modules of the crate's root that the code names, each with the line of its path.
    ///
    /// What follows `super` may as well be a name within the file's own module, above all in its
    /// tests: so it counts only if `is_module` knows it.
    pub(crate) fn imports(&self, is_module: impl Fn(&str) -> bool) -> Vec<(usize, String)> {
        let up = "super::".repeat(self.depth());
        let is_child = |name: &str| words(&self.code, &format!("mod {name}")).next().is_some();
        let through_super = self.names_after(&up).into_iter();
        let through_super = through_super.filter(|(_, name)| is_module(name) && !is_child(name));
        self.names_after("crate::").into_iter().chain(through_super).collect()
    }

    fn names_after(&self, root: &str) -> Vec<(usize, String)> {
        let starts = words(&self.code, root).filter(|start| !self.code[..*start].ends_with("::"));
        let named = starts.flat_map(|start| {
            let line = self.code[..start].matches('\n').count() + 1;
            first_names(&self.code[start + root.len()..]).into_iter().map(move |name| (line, name))
        });
        named.collect()
    }

    /// How many times `super` leads from the file's module to the crate's root.
    fn depth(&self) -> usize {
        let parts = self.path.iter().count();
        if self.path.ends_with("mod.rs") { parts - 1 } else { parts }
    }
}

/// Where `word` stands in the text, not as a part of a longer word.
pub(crate) fn words<'a>(text: &'a str, word: &'a str) -> impl Iterator<Item = usize> + 'a {
    let continues = |letter: Option<char>| letter.is_some_and(is_part_of_name);
    let open_end = word.ends_with(is_part_of_name);
    text.match_indices(word).map(|(start, _)| start).filter(move |start| {
        let before = text[..*start].chars().next_back();
        let after = text[start + word.len()..].chars().next();
        !(continues(before) || open_end && continues(after))
    })
}

fn is_part_of_name(letter: char) -> bool {
    letter.is_alphanumeric() || letter == '_'
}

/// The name that a path goes on with, or those at the outermost level of its braces.
fn first_names(rest: &str) -> Vec<String> {
    let name_of = |text: &str| text.chars().take_while(|c| is_part_of_name(*c)).collect::<String>();
    let Some(inside) = rest.strip_prefix('{') else {
        return Some(name_of(rest)).filter(|name| !name.is_empty()).into_iter().collect();
    };
    let mut names = Vec::new();
    let mut part = String::new();
    let mut depth = 1;
    for letter in inside.chars() {
        match letter {
            '{' => depth += 1,
            '}' => depth -= 1,
            _ => {}
        }
        if depth == 0 || (depth == 1 && letter == ',') {
            names.push(name_of(part.trim()));
            part.clear();
        } else {
            part.push(letter);
        }
        if depth == 0 {
            break;
        }
    }
    names.retain(|name| !name.is_empty());
    names
}

/// The text with comments and the inside of texts left out. Lines stay where they are.
fn code_of(text: &str) -> String {
    let mut code = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(letter) = rest.chars().next() {
        let skipped = length_of_no_code(rest);
        if skipped > 0 {
            code.push(' ');
            code.extend(rest[..skipped].chars().filter(|letter| *letter == '\n'));
            rest = &rest[skipped..];
        } else {
            code.push(letter);
            rest = &rest[letter.len_utf8()..];
        }
    }
    code
}

/// How many bytes of a comment or a text the source begins with; 0 where it begins with code.
fn length_of_no_code(source: &str) -> usize {
    let until = |end: &str, from: usize| {
        source[from..].find(end).map_or(source.len(), |at| from + at + end.len())
    };
    if source.starts_with("//") {
        return source.find('\n').unwrap_or(source.len());
    }
    if source.starts_with("/*") {
        return until("*/", 2);
    }
    // Among characters only these two could be taken for something else.
    if let Some(literal) = ["'\"'", "'\\''"].iter().find(|literal| source.starts_with(**literal)) {
        return literal.len();
    }
    let hashes =
        source.strip_prefix('r').map_or(0, |raw| raw.len() - raw.trim_start_matches('#').len());
    if hashes > 0 && source[1 + hashes..].starts_with('"') {
        return until(&format!("\"{}", "#".repeat(hashes)), hashes + 2);
    }
    if source.starts_with('"') { length_of_text(source) } else { 0 }
}

/// The length of a text in quotes, in which a backslash takes away the next letter's meaning.
fn length_of_text(source: &str) -> usize {
    let mut escaped = false;
    for (at, letter) in source.char_indices().skip(1) {
        match letter {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return at + 1,
            _ => {}
        }
    }
    source.len()
}

/// All files below `root` that are committed, in order.
///
/// Where git cannot say, as in an unpacked archive, those are all files but what tools leave behind.
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

/// All files below a folder, in order, but for what tools leave behind.
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

    #[test]
    fn comments_and_texts_are_left_out_and_lines_stay() {
        let text = "a // b\n\"c \\\" d\" e /* f\n*/ g r#\"h\"i\n\"# j '\"' k 'x l";
        let code = code_of(text);
        assert_eq!(code.split_whitespace().collect::<String>(), "aegjk'xl");
        assert_eq!(code.lines().count(), text.lines().count());
        for open in ["\"abc", "/* abc", "r#\"abc", "\"abc\\"] {
            assert_eq!(code_of(open).trim(), "");
        }
    }

    #[test]
    fn a_path_goes_on_with_names() {
        assert_eq!(first_names("a::b;"), ["a"]);
        assert_eq!(first_names("{a::{b, c}, d as e, f}; g"), ["a", "d", "f"]);
        assert!(first_names("*;").is_empty());
    }

    #[test]
    fn a_word_is_not_a_part_of_a_longer_one() {
        assert_eq!(words("ab a b_a a!", "a").collect::<Vec<_>>(), [3, 9]);
        assert_eq!(words("print!() eprint!()", "print!").collect::<Vec<_>>(), [0]);
    }

    #[test]
    fn the_way_up_depends_on_the_file() {
        let depth = |path: &str| Source::new(Path::new(path), "").depth();
        assert_eq!(["types.rs", "vm/mod.rs", "vm/error.rs"].map(depth), [1, 1, 2]);
    }
}
