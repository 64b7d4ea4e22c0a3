//! A plugin's file: what it is, before anything is compiled or run.

use wasmparser::{ComponentExternalKind, Encoding, Parser, Payload};

use super::error::PluginError;
use super::v0_1;

/// The package whose interfaces plugins import and export.
const PACKAGE: &str = "pgassay:plugin/";

/// The interface that makes a component a plugin.
const RULES: &str = "pgassay:plugin/rules@";

/// A function of a plugin has at most this many bytes, and all of them together at most these. Those of CPython have
/// 417 KiB and 6.3 MiB.
const LONGEST_FUNCTION: usize = 512 << 10;
const MOST_CODE: usize = 16 << 20;

/// What a component asks for and offers.
#[derive(Debug, Default)]
pub struct Shape {
    /// The names of its imports, in order.
    pub imports: Vec<String>,
    /// The names of its exports, in order.
    pub exports: Vec<String>,
}

impl Shape {
    /// Reads the outermost part of a component. Nothing inside of it is looked at.
    ///
    /// # Errors
    /// The bytes are no component, or are cut off.
    pub fn read(bytes: &[u8]) -> Result<Self, PluginError> {
        if bytes.starts_with(b"\x7fELF") {
            return Err(PluginError::NoComponent(
                "it is code that was compiled for one machine; name the `.wasm` file".to_owned(),
            ));
        }
        if !bytes.starts_with(b"\0asm") {
            return Err(PluginError::NoComponent("it does not start as WebAssembly does".to_owned()));
        }
        let wrong = |error: wasmparser::BinaryReaderError| PluginError::NoComponent(super::short(error.message()));
        let mut shape = Self::default();
        let (mut depth, mut code) = (0_usize, 0_usize);
        for payload in Parser::new(0).parse_all(bytes) {
            match payload.map_err(wrong)? {
                Payload::Version { encoding: Encoding::Module, .. } if depth == 0 => {
                    return Err(PluginError::NoComponent(
                        "it is a core module; build it with `wasm-component-ld` as its linker, or turn it into a \
                         component with `wasm-tools component new`"
                            .to_owned(),
                    ));
                }
                Payload::ModuleSection { .. } | Payload::ComponentSection { .. } => depth += 1,
                // The compiler's time and memory grow faster than a function's length.
                Payload::CodeSectionEntry(body) => {
                    let length = body.range().len();
                    code += length;
                    if length > LONGEST_FUNCTION || code > MOST_CODE {
                        return Err(PluginError::TooComplex);
                    }
                }
                Payload::End(_) => depth = depth.saturating_sub(1),
                Payload::ComponentImportSection(imports) if depth == 0 => {
                    for import in imports {
                        shape.imports.push(import.map_err(wrong)?.name.name.to_owned());
                    }
                }
                Payload::ComponentExportSection(exports) if depth == 0 => {
                    for export in exports {
                        let export = export.map_err(wrong)?;
                        if export.kind == ComponentExternalKind::Instance {
                            shape.exports.push(export.name.name.to_owned());
                        }
                    }
                }
                _ => {}
            }
        }
        Ok(shape)
    }

    /// The version of the contract that it was built for, as it stands in its export.
    #[must_use]
    pub fn version(&self) -> Option<&str> {
        self.exports.iter().find_map(|export| export.strip_prefix(RULES))
    }

    /// Whether it is a plugin that this pgassay can run.
    ///
    /// # Errors
    /// What it imports or speaks instead.
    pub fn accept(&self) -> Result<(), PluginError> {
        if let Some(import) = self.imports.iter().find(|import| !import.starts_with(PACKAGE)) {
            return Err(PluginError::Import { import: super::short(import), hint: hint(import) });
        }
        let wanted = self.version().ok_or(PluginError::NoRules)?;
        let spoken = |version: &str| version.starts_with("0.1.");
        let strange = self.imports.iter().filter_map(|import| import.split_once('@')).map(|(_, version)| version);
        match [wanted].into_iter().chain(strange).find(|version| !spoken(version)) {
            None => Ok(()),
            Some(version) => Err(PluginError::Version {
                wanted: super::short(version),
                spoken: v0_1::VERSION,
                hint: if is_newer(version) { "update pgassay" } else { "build the plugin anew with a newer SDK" },
            }),
        }
    }
}

/// Whether a version of the contract came after the one spoken.
fn is_newer(version: &str) -> bool {
    let numbers = |text: &str| text.split('.').map(|part| part.parse::<u64>().unwrap_or(0)).collect::<Vec<_>>();
    numbers(version) > numbers(v0_1::VERSION)
}

/// How a component comes to import what it may not, and the way around it.
fn hint(import: &str) -> &'static str {
    if import.starts_with("wasi:") {
        "build it without WASI: Rust for the target `wasm32-unknown-unknown`, Python with `componentize-py ... \
         --stub-wasi`, JavaScript with `jco componentize --backend qjs --backend-qjs-stub-wasi`, C as a reactor \
         (`-mexec-model=reactor`) that prints and opens nothing"
    } else {
        "see the plugin guide"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shape(imports: &[&str], exports: &[&str]) -> Shape {
        let owned = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect();
        Shape { imports: owned(imports), exports: owned(exports) }
    }

    fn refusal(imports: &[&str], exports: &[&str]) -> String {
        shape(imports, exports).accept().expect_err("it is refused").to_string()
    }

    #[test]
    fn only_the_contract_is_imported() {
        let rules = "pgassay:plugin/rules@0.1.0";
        assert!(shape(&["pgassay:plugin/types@0.1.0", "pgassay:plugin/host@0.1.3"], &["x", rules]).accept().is_ok());
        let wasi = refusal(&["wasi:clocks/wall-clock@0.2.6"], &[rules]);
        assert!(wasi.contains("wasi:clocks/wall-clock@0.2.6") && wasi.contains("--stub-wasi"), "{wasi}");
        assert!(refusal(&["pgassay:plug/host@0.1.0"], &[rules]).contains("pgassay:plug/host"));
        assert!(refusal(&["env"], &[rules]).contains("`env`"));
        assert!(refusal(&[], &["wasi:cli/run@0.2.0"]).contains("no plugin"));
    }

    #[test]
    fn versions_are_named() {
        let newer = refusal(&[], &["pgassay:plugin/rules@0.2.0"]);
        assert_eq!(newer, "speaks `pgassay:plugin@0.2.0`, and this pgassay speaks 0.1.0; update pgassay");
        assert!(refusal(&[], &["pgassay:plugin/rules@0.0.9"]).ends_with("newer SDK"));
        assert!(refusal(&["pgassay:plugin/host@1.0.0"], &["pgassay:plugin/rules@0.1.0"]).contains("1.0.0"));
        assert!(refusal(&[], &["pgassay:plugin/rules@"]).contains("pgassay:plugin@"));
    }

    #[test]
    fn other_bytes_are_refused() {
        for (bytes, why) in [
            (&b""[..], "does not start"),
            (b"\0asm", ""),
            (b"\0asm\x01\0\0\0", "core module"),
            (b"\x7fELF\x02", "compiled for one machine"),
            (b"(component)", "does not start"),
            (b"\0asm\x0d\0\x01\0\x0a\xff\xff", ""),
        ] {
            let error = Shape::read(bytes).expect_err("it is no component").to_string();
            assert!(error.starts_with("is no WebAssembly component: ") && error.contains(why), "{error}");
        }
        assert!(Shape::read(b"\0asm\x0d\0\x01\0").is_ok_and(|shape| shape.imports.is_empty()));
    }
}
