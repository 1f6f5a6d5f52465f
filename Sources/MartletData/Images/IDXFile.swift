/// An array of bytes in a file of the format of MNIST (LeCun et al. 1998).
///
/// ```text
/// 0 0 8 rank     the type 8 is bytes
/// size …         as many as the rank, 4 bytes each, the highest first
/// byte …
/// ```
struct IDXFile {
    /// The sizes.
    let shape: [Int]
    /// The elements, row by row.
    let bytes: [UInt8]

    /// Reads a file.
    ///
    /// - Throws: ``DataError`` for one that cannot be read, or is none of this format.
    init(_ path: String) throws(DataError) {
        let file = try TextFile.read(path)
        if file.starts(with: [0x1F, 0x8B]) {
            throw DataError(path, "is compressed: unpack it first (gunzip)")
        }
        guard file.count >= 4, file[0] == 0, file[1] == 0 else {
            throw DataError(path, "does not begin with two zeros: expected a file as MNIST's (IDX)")
        }
        guard file[2] == 8 else {
            throw DataError(path, "has elements of the type \(file[2]): expected 8, bytes")
        }
        let rank = Int(file[3])
        guard (1...4).contains(rank), file.count >= 4 + 4 * rank else {
            throw DataError(path, "has \(rank) dimensions and \(file.count) bytes: expected 1 … 4")
        }
        shape = (0..<rank).map { axis in
            file[4 + 4 * axis..<8 + 4 * axis].reduce(0) { $0 << 8 | Int($1) }
        }
        // Four sizes below 2^32 may overflow; a file has not so many bytes.
        var count = 1
        for size in shape {
            let (product, overflows) = count.multipliedReportingOverflow(by: size)
            count = overflows ? Int.max : product
        }
        let found = file.count - 4 - 4 * rank
        guard found == count else {
            throw DataError(
                path,
                "has \(found) elements: expected \(shape.map(String.init).joined(separator: " × ")), as it says at its begin; it may be cut off"
            )
        }
        bytes = Array(file[(4 + 4 * rank)...])
    }
}
