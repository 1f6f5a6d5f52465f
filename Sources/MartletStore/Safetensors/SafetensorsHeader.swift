import MartletTensor

/// The validated header of a safetensors file: every tensor lies inside the file, fits its shape and type,
/// and together they fill the data without holes or overlaps.
///
/// Layout: 8 bytes, the header's length N, little-endian; N bytes of JSON; the data.
/// Source: the format section of the safetensors project.
struct SafetensorsHeader {
    /// One tensor's place; offsets count from the beginning of the file.
    struct Entry: Sendable {
        var dtype: DType
        var shape: Shape
        var bytes: Range<Int>
    }

    /// The format's own limit of a header's length.
    static let maximumLength = 100_000_000

    /// Names in the order of the data.
    private(set) var names: [String] = []
    private(set) var entries: [String: Entry] = [:]
    private(set) var metadata: [String: String] = [:]

    private let path: String

    init(reading file: UnsafeRawBufferPointer, path: String) throws {
        self.path = path
        guard file.count >= 8 else {
            throw malformed(
                "it has \(file.count) bytes, expected at least the 8 of the header's length")
        }
        let length = UInt64(littleEndian: file.loadUnaligned(as: UInt64.self))
        guard length <= UInt64(Self.maximumLength) else {
            throw malformed(
                "its header claims \(length) bytes, the format allows \(Self.maximumLength)")
        }
        let dataStart = 8 + Int(length)
        guard dataStart <= file.count else {
            throw malformed(
                "its header claims \(length) bytes, but only \(file.count - 8) follow; it is cut off"
            )
        }
        let root: HeaderJSON
        do {
            root = try HeaderJSON(parsing: UnsafeRawBufferPointer(rebasing: file[8..<dataStart]))
        } catch {
            throw malformed("header, byte \(error.offset): \(error.message)")
        }
        guard case .object(let members) = root else {
            throw malformed("the header is \(root.kind), expected an object")
        }
        var found: [(name: String, entry: Entry)] = []
        for (name, value) in members {
            if name == "__metadata__" {
                metadata = try Self.metadata(value, path)
            } else {
                found.append((name, try entry(name, value, dataStart)))
            }
        }
        try place(found, dataStart: dataStart, fileCount: file.count)
    }

    private func malformed(_ problem: String) -> StoreError {
        .malformed(path: path, problem: problem)
    }

    private static func metadata(_ value: HeaderJSON, _ path: String) throws -> [String: String] {
        guard case .object(let members) = value else {
            throw StoreError.malformed(
                path: path, problem: "__metadata__ is \(value.kind), expected an object")
        }
        var result: [String: String] = [:]
        for (key, value) in members {
            guard case .string(let text) = value else {
                throw StoreError.malformed(
                    path: path,
                    problem: "\"\(key)\" of __metadata__ is \(value.kind), expected a string")
            }
            result[key] = text
        }
        return result
    }

    private func entry(_ name: String, _ value: HeaderJSON, _ dataStart: Int) throws -> Entry {
        guard case .object(let members) = value else {
            throw malformed("tensor \"\(name)\" is \(value.kind), expected an object")
        }
        var type: String?
        var sizes: [Int]?
        var offsets: [Int]?
        for (key, field) in members {
            switch (key, field) {
            case ("dtype", .string(let text)): type = text
            case ("shape", .array(let elements)): sizes = try numbers(elements, key, of: name)
            case ("data_offsets", .array(let elements)):
                offsets = try numbers(elements, key, of: name)
            case ("dtype", _), ("shape", _), ("data_offsets", _):
                throw malformed("\(key) of tensor \"\(name)\" is \(field.kind)")
            default:
                throw malformed(
                    "tensor \"\(name)\" has a field \"\(key)\", expected only dtype, shape, data_offsets"
                )
            }
        }
        guard let type, let sizes, let offsets else {
            throw malformed("tensor \"\(name)\" lacks one of dtype, shape, data_offsets")
        }
        guard let element = ElementType(rawValue: type) else {
            throw StoreError.unsupportedType(path: path, tensor: name, type: type)
        }
        guard sizes.count <= Shape.maximumRank else {
            throw malformed(
                "tensor \"\(name)\" has \(sizes.count) dimensions, at most \(Shape.maximumRank) are possible"
            )
        }
        guard offsets.count == 2, offsets[0] <= offsets[1] else {
            throw malformed(
                "data_offsets of tensor \"\(name)\" are \(offsets), expected [begin, end] with begin <= end"
            )
        }
        let expected = try byteCount(sizes, element.dtype, of: name)
        guard offsets[1] - offsets[0] == expected else {
            throw malformed(
                "tensor \"\(name)\" has \(offsets[1] - offsets[0]) bytes, "
                    + "but \(type) of shape \(sizes) takes \(expected)")
        }
        guard offsets[1] <= Int.max - dataStart else {
            throw malformed("data_offsets of tensor \"\(name)\" are \(offsets), beyond any file")
        }
        return Entry(
            dtype: element.dtype, shape: Shape(sizes),
            bytes: dataStart + offsets[0]..<dataStart + offsets[1])
    }

    private func numbers(_ elements: [HeaderJSON], _ key: String, of name: String) throws -> [Int] {
        try elements.map { element in
            guard case .number(let number) = element else {
                throw malformed(
                    "\(key) of tensor \"\(name)\" has \(element.kind), expected numbers")
            }
            return number
        }
    }

    private func byteCount(_ sizes: [Int], _ dtype: DType, of name: String) throws -> Int {
        // Zeros do not hide an overflow: strides are products of the other sizes.
        var product = dtype.byteCount
        for size in sizes where size != 0 {
            let (next, overflow) = product.multipliedReportingOverflow(by: size)
            guard !overflow else {
                throw malformed("the shape \(sizes) of tensor \"\(name)\" has too many elements")
            }
            product = next
        }
        return sizes.contains(0) ? 0 : product
    }

    /// Checks that the tensors lie one after another from the start of the data to the end of the file.
    private mutating func place(
        _ found: [(name: String, entry: Entry)], dataStart: Int, fileCount: Int
    ) throws {
        let ordered = found.sorted { left, right in
            (left.entry.bytes.lowerBound, left.entry.bytes.upperBound)
                < (right.entry.bytes.lowerBound, right.entry.bytes.upperBound)
        }
        var end = dataStart
        for (name, entry) in ordered {
            guard entry.bytes.upperBound <= fileCount else {
                throw malformed(
                    "tensor \"\(name)\" ends at byte \(entry.bytes.upperBound), the file at \(fileCount); "
                        + "it is cut off, or its header is wrong")
            }
            guard entry.bytes.lowerBound == end else {
                let what =
                    entry.bytes.lowerBound < end ? "overlaps the tensor before it" : "leaves a hole"
                throw malformed(
                    "tensor \"\(name)\" begins at byte \(entry.bytes.lowerBound), expected \(end): it \(what)"
                )
            }
            end = entry.bytes.upperBound
            names.append(name)
            entries[name] = entry
        }
        guard end == fileCount else {
            throw malformed("its tensors end at byte \(end), but the file at \(fileCount)")
        }
    }
}
