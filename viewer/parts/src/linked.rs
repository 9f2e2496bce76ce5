//! What a linked module says about addresses: which functions and constants each function and constant refers to.
//!
//! The linker writes it down when it is asked to (`--emit-relocs`), in the sections `linking` and `reloc.…` of the
//! [conventions for WebAssembly objects](https://github.com/WebAssembly/tool-conventions/blob/main/Linking.md). What
//! wasm-bindgen makes of the module says it no longer; but functions keep their names there, and constants their addresses.
//!
//! **Invariant**: knows one module as the linker left it, and nothing of parts.

use std::{collections::HashMap, ops::Range};

use wasmparser::{
    BinaryReaderError, DataKind, KnownCustom, Linking, Name, NameSectionReader, Operator, Parser,
    Payload, RelocationEntry, RelocationType as Kind, SymbolInfo, TypeRef,
};

/// What is referred to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// A function, by its symbol.
    Function(String),
    /// A constant, by its place in [`Linked::constants`].
    Constant(usize),
}

/// Bytes that belong together: a text, a table, the pointers to a type's methods, or the first value of a static.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Constant {
    /// Where in memory it is.
    pub at: Range<u32>,
    pub refers_to: Vec<Target>,
}

/// All addresses in a module.
#[derive(Clone, Debug, Default)]
pub struct Linked {
    /// What each function takes the address of, by its symbol. Direct calls are not among it.
    pub functions: HashMap<String, Vec<Target>>,
    /// In the order of their addresses; none overlaps another.
    pub constants: Vec<Constant>,
}

impl Linked {
    /// Reads a module as the linker wrote it.
    ///
    /// # Errors
    /// When it does not read, or the linker did not say what refers to what.
    pub fn read(bytes: &[u8]) -> Result<Self, String> {
        let sections = Sections::read(bytes).map_err(|error| error.to_string())?;
        if sections.symbols.is_empty() {
            return Err("the linker did not say what refers to what (--emit-relocs)".to_owned());
        }
        let mut linked = Self {
            functions: HashMap::new(),
            constants: sections.constants(),
        };
        for entry in &sections.in_code {
            let target = linked.target(&sections, entry)?;
            let function = sections.function_at(entry.offset);
            let function = function.ok_or("an address stands outside of functions")?;
            linked.functions.entry(function).or_default().extend(target);
        }
        for entry in &sections.in_data {
            let target = linked.target(&sections, entry)?;
            let constant = sections
                .address_of(entry.offset)
                .and_then(|address| linked.constant_at(address));
            let constant = constant.ok_or("an address stands outside of constants")?;
            linked.constants[constant].refers_to.extend(target);
        }
        Ok(linked)
    }

    /// What a reference leads to, if that is a function or has bytes in the module.
    fn target(&self, all: &Sections, entry: &RelocationEntry) -> Result<Option<Target>, String> {
        let symbol = all.symbols.get(entry.index as usize);
        match (entry.ty, symbol) {
            (Kind::TableIndexSleb | Kind::TableIndexI32, Some(Symbol::Function(index))) => {
                let name = all.names.get(index).ok_or("a function has no name")?;
                Ok(Some(Target::Function(name.clone())))
            }
            (Kind::MemoryAddrLeb | Kind::MemoryAddrSleb | Kind::MemoryAddrI32, Some(symbol)) => {
                Ok(match symbol {
                    Symbol::Bytes(at) => self.constant_at(at.start).map(Target::Constant),
                    _ => None,
                })
            }
            // Calls are read in the code itself.
            (
                Kind::FunctionIndexLeb
                | Kind::TypeIndexLeb
                | Kind::GlobalIndexLeb
                | Kind::TableNumberLeb,
                _,
            ) => Ok(None),
            _ => Err(format!("a reference of an unknown kind: {entry:?}")),
        }
    }

    fn constant_at(&self, address: u32) -> Option<usize> {
        let behind = self
            .constants
            .partition_point(|constant| constant.at.start <= address);
        let at = behind.checked_sub(1)?;
        (address < self.constants[at].at.end).then_some(at)
    }
}

enum Symbol {
    /// By its number.
    Function(u32),
    /// Where in memory they are.
    Bytes(Range<u32>),
    /// Without bytes in the module, such as where the heap begins.
    Other,
}

/// Where the bytes of a data segment are, in the section and in memory.
struct Segment {
    in_section: Range<usize>,
    address: u32,
}

/// What of a module is read here.
#[derive(Default)]
struct Sections {
    /// By the number of the function.
    names: HashMap<u32, String>,
    /// The functions' places in the section of code, in their order, and their numbers.
    bodies: Vec<(Range<usize>, u32)>,
    segments: Vec<Segment>,
    symbols: Vec<Symbol>,
    in_code: Vec<RelocationEntry>,
    in_data: Vec<RelocationEntry>,
}

type Read<T> = Result<T, BinaryReaderError>;

impl Sections {
    fn read(bytes: &[u8]) -> Read<Self> {
        let mut all = Self::default();
        let mut imported = 0;
        let mut code = 0;
        for payload in Parser::new(0).parse_all(bytes) {
            match payload? {
                Payload::ImportSection(imports) => {
                    for import in imports.into_imports() {
                        imported += u32::from(matches!(import?.ty, TypeRef::Func(_)));
                    }
                }
                Payload::CodeSectionStart { range, .. } => code = range.start,
                Payload::CodeSectionEntry(body) => {
                    let at = body.range();
                    let number = imported + all.bodies.len() as u32;
                    all.bodies.push((at.start - code..at.end - code, number));
                }
                Payload::DataSection(section) => {
                    let begin = section.range().start;
                    for data in section {
                        let data = data?;
                        // Its bytes are the last of what it is.
                        let first = data.range.end - data.data.len() - begin;
                        all.segments.push(Segment {
                            in_section: first..first + data.data.len(),
                            address: address(&data.kind)?,
                        });
                    }
                }
                Payload::CustomSection(custom) => all.read_custom(&custom)?,
                _ => {}
            }
        }
        Ok(all)
    }

    fn read_custom(&mut self, custom: &wasmparser::CustomSectionReader<'_>) -> Read<()> {
        match custom.as_known() {
            KnownCustom::Linking(section) => {
                for subsection in section.subsections() {
                    if let Linking::SymbolTable(symbols) = subsection? {
                        for symbol in symbols {
                            let symbol = self.symbol(&symbol?);
                            self.symbols.push(symbol);
                        }
                    }
                }
            }
            KnownCustom::Reloc(section) => {
                let entries = section.entries().into_iter().collect::<Read<Vec<_>>>()?;
                match custom.name() {
                    "reloc.CODE" => self.in_code = entries,
                    "reloc.DATA" => self.in_data = entries,
                    _ => {}
                }
            }
            KnownCustom::Name(names) => self.names = function_names(names)?,
            _ => {}
        }
        Ok(())
    }

    fn symbol(&self, symbol: &SymbolInfo<'_>) -> Symbol {
        match symbol {
            SymbolInfo::Func { index, .. } => Symbol::Function(*index),
            SymbolInfo::Data {
                symbol: Some(place),
                ..
            } => match self.segments.get(place.index as usize) {
                Some(segment) if place.size > 0 => {
                    let start = segment.address + place.offset;
                    Symbol::Bytes(start..start + place.size)
                }
                _ => Symbol::Other,
            },
            _ => Symbol::Other,
        }
    }

    /// The bytes of all symbols; those that share bytes, as texts with the same end do, as one.
    fn constants(&self) -> Vec<Constant> {
        let mut ranges: Vec<&Range<u32>> = self
            .symbols
            .iter()
            .filter_map(|symbol| match symbol {
                Symbol::Bytes(at) => Some(at),
                _ => None,
            })
            .collect();
        ranges.sort_by_key(|at| (at.start, at.end));
        let mut constants: Vec<Constant> = Vec::with_capacity(ranges.len());
        for at in ranges {
            match constants.last_mut() {
                Some(last) if at.start < last.at.end => last.at.end = last.at.end.max(at.end),
                _ => constants.push(Constant {
                    at: at.clone(),
                    refers_to: Vec::new(),
                }),
            }
        }
        constants
    }

    /// The name of the function around a byte of the section of code.
    fn function_at(&self, offset: u32) -> Option<String> {
        let offset = offset as usize;
        let behind = self.bodies.partition_point(|(at, _)| at.start <= offset);
        let (at, number) = &self.bodies[behind.checked_sub(1)?];
        at.contains(&offset)
            .then(|| self.names.get(number).cloned())?
    }

    /// Where in memory a byte of the section of data is.
    fn address_of(&self, offset: u32) -> Option<u32> {
        let offset = offset as usize;
        let segment = self
            .segments
            .iter()
            .find(|segment| segment.in_section.contains(&offset))?;
        Some(segment.address + (offset - segment.in_section.start) as u32)
    }
}

fn address(kind: &DataKind<'_>) -> Read<u32> {
    if let DataKind::Active { offset_expr, .. } = kind
        && let Operator::I32Const { value } = offset_expr.get_operators_reader().read()?
    {
        return Ok(value as u32);
    }
    // Nothing is placed there, and nothing found.
    Ok(0)
}

fn function_names(sections: NameSectionReader<'_>) -> Read<HashMap<u32, String>> {
    let mut all = HashMap::new();
    for section in sections {
        if let Name::Function(names) = section? {
            for naming in names {
                let naming = naming?;
                all.insert(naming.index, naming.name.to_owned());
            }
        }
    }
    Ok(all)
}
