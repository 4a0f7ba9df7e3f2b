//! Pads a contract with copies of its functions, to measure large contracts. It behaves the same, at a
//! higher loading cost.

use wasm_encoder::reencode::{Error, Reencode, utils};
use wasm_encoder::{CodeSection, FunctionSection, Module};
use wasmparser::{CodeSectionReader, FunctionSectionReader, Parser};

use super::ContractCode;

type Result<T> = std::result::Result<T, Error>;

/// `code`, with as many copies of its functions as it takes to reach `size` bytes. Nothing calls the copies.
/// `None` if `code` is not valid.
#[must_use]
pub fn pad_module(code: &ContractCode, size: usize) -> Option<ContractCode> {
    let copies = size.div_ceil(code.code().len().max(1));
    let mut module = Module::new();
    Copies(copies).parse_core_module(&mut module, Parser::new(0), code.code()).ok()?;
    Some(ContractCode::new(module.finish(), None))
}

struct Copies(usize);

impl Reencode for Copies {
    type Error = std::convert::Infallible;

    fn parse_function_section(
        &mut self,
        functions: &mut FunctionSection,
        section: FunctionSectionReader<'_>,
    ) -> Result<()> {
        for _ in 0..self.0 {
            utils::parse_function_section(self, functions, section.clone())?;
        }
        Ok(())
    }

    fn parse_code_section(
        &mut self,
        code: &mut CodeSection,
        section: CodeSectionReader<'_>,
    ) -> Result<()> {
        for _ in 0..self.0 {
            utils::parse_code_section(self, code, section.clone())?;
        }
        Ok(())
    }
}
