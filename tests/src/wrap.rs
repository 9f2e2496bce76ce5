//! Wrapping bytes the way files and exporters do.
//!
//! **Invariant:** what comes out unwraps to exactly what went in.

use std::io::{self, Cursor, Write};

use flate2::{Compression, write::GzEncoder};
use ruzstd::encoding::{CompressionLevel, compress_to_vec};
use zip::{CompressionMethod, ZipWriter, write::SimpleFileOptions};

/// One gzip member.
pub fn gzip(bytes: &[u8]) -> io::Result<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes)?;
    encoder.finish()
}

/// One zstd frame.
pub fn zstd(bytes: &[u8]) -> Vec<u8> {
    compress_to_vec(bytes, CompressionLevel::Fastest)
}

/// A zip archive of files.
pub fn zip(files: &[(&str, &[u8])]) -> io::Result<Vec<u8>> {
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
    for (name, bytes) in files {
        archive.start_file(*name, options)?;
        archive.write_all(bytes)?;
    }
    Ok(archive.finish()?.into_inner())
}

/// A message behind its length in four bytes, as the collector's file exporter writes it.
pub fn length_framed(message: &[u8]) -> Vec<u8> {
    let mut out = (message.len() as u32).to_be_bytes().to_vec();
    out.extend_from_slice(message);
    out
}

/// A message in a gRPC frame, not compressed.
pub fn grpc(message: &[u8]) -> Vec<u8> {
    let mut out = vec![0];
    out.extend(length_framed(message));
    out
}

/// A message behind its length as a varint, as Java's `writeDelimitedTo` writes it.
pub fn delimited(message: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut length = message.len();
    while length >= 0x80 {
        out.push(length as u8 | 0x80);
        length >>= 7;
    }
    out.push(length as u8);
    out.extend_from_slice(message);
    out
}

/// Text as UTF-16 with a byte order mark, as PowerShell redirects it.
pub fn utf16_le(text: &str) -> Vec<u8> {
    let mut out = vec![0xff, 0xfe];
    out.extend(text.encode_utf16().flat_map(u16::to_le_bytes));
    out
}
