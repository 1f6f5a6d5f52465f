import MartletTensor

/// A state that can be written down: with a version and the fingerprint of the network it belongs to.
///
/// `Codable`: the numbers stand as hexadecimal text of their bits, so that any coder keeps them exactly, and whatever they
/// are.
public struct SavedRecurrentState: Codable, Sendable, Equatable {
    /// The layout of this type.
    public static let currentVersion = 1

    /// The version it was written with.
    public var version: Int
    /// ``RecurrentStack/fingerprint`` of the network.
    public var model: String
    /// How many sequences it is of.
    public var batch: Int
    /// A part for each layer and direction.
    public var parts: [Part]

    /// The state of one layer in one direction, row by row as the bits of 32-bit floating-point numbers.
    public struct Part: Codable, Sendable, Equatable {
        /// `[B, P]`.
        public var hidden: String
        /// `[B, H]`, an LSTM's.
        public var cell: String?
    }
}

/// Why a saved state cannot be gone on from.
public struct RecurrentStateError: Error, CustomStringConvertible, Sendable {
    /// What was found, what was expected, and what to do.
    public let description: String
}

extension RecurrentState {
    /// The state with what names its network.
    public func saved(of stack: RecurrentStack) -> SavedRecurrentState {
        SavedRecurrentState(
            version: SavedRecurrentState.currentVersion, model: stack.fingerprint, batch: batch,
            parts: directions.map { part in
                .init(hidden: HexText.text(part.hidden), cell: part.cell.map(HexText.text))
            })
    }

    /// The state that was saved.
    ///
    /// - Throws: ``RecurrentStateError`` if it is of another version, network or batch size, or damaged.
    public init(
        _ saved: SavedRecurrentState, of stack: RecurrentStack, batch expected: Int? = nil
    ) throws {
        func refuse(_ text: String) -> RecurrentStateError {
            RecurrentStateError(description: text)
        }
        guard saved.version == SavedRecurrentState.currentVersion else {
            throw refuse(
                "the saved state has the version \(saved.version): expected \(SavedRecurrentState.currentVersion); save it anew with this version of Martlet"
            )
        }
        guard saved.model == stack.fingerprint else {
            throw refuse(
                "the saved state is of another network (\(saved.model)): expected \(stack.fingerprint); load the network that it was saved with, or start from zeros"
            )
        }
        if let expected, expected != saved.batch {
            throw refuse(
                "the saved state is of \(saved.batch) sequences: expected \(expected)")
        }
        guard (0...1 << 24).contains(saved.batch) else {
            throw refuse("the saved state is of \(saved.batch) sequences: it is damaged")
        }
        let zeros = stack.zeroState(batch: 1).directions
        guard saved.parts.count == zeros.count else {
            throw refuse(
                "the saved state has \(saved.parts.count) parts: expected \(zeros.count); it is damaged"
            )
        }
        func tensor(_ text: String, _ width: Int, _ name: String) throws -> Tensor {
            guard let values = HexText.values(text), values.count == saved.batch * width else {
                throw refuse(
                    "the saved state's \(name) is not \(saved.batch) × \(width) numbers of 8 hexadecimal digits; it is cut off or damaged"
                )
            }
            return Tensor(values, shape: [saved.batch, width])
        }
        self.init(
            try zip(saved.parts, zeros).enumerated().map { place, pair in
                let (part, zero) = pair
                guard (part.cell == nil) == (zero.cell == nil) else {
                    throw refuse("the saved state's part \(place) is of another kind of cell")
                }
                return DirectionState(
                    hidden: try tensor(part.hidden, zero.hidden.shape[1], "part \(place), hidden"),
                    cell: try zero.cell.map { zero in
                        try tensor(part.cell!, zero.shape[1], "part \(place), cell")
                    })
            })
    }

    /// Whether all its numbers are finite: one NaN or infinity that was fed makes a state useless for good.
    public var isFinite: Bool {
        directions.allSatisfy { part in
            [part.hidden, part.cell].allSatisfy { tensor in
                tensor?.scalars(as: Float.self).allSatisfy(\.isFinite) ?? true
            }
        }
    }
}

extension RecurrentStack {
    /// What tells this network from others, its sizes and its weights: the same text wherever they are the same.
    public var fingerprint: String {
        // FNV-1a over 64-bit words: names, shapes and values.
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        func add(_ word: UInt64) { hash = (hash ^ word) &* 0x0000_0100_0000_01B3 }
        for (name, tensor) in parameters {
            for byte in name.utf8 { add(UInt64(byte)) }
            for size in tensor.shape { add(UInt64(size)) }
            tensor.contiguous().withUnsafeBytes { bytes in
                for word in stride(from: 0, to: bytes.count & ~7, by: 8) {
                    add(
                        UInt64(
                            littleEndian: bytes.loadUnaligned(fromByteOffset: word, as: UInt64.self)
                        ))
                    hash ^= hash >> 29
                }
                for byte in bytes[(bytes.count & ~7)...] { add(UInt64(byte)) }
            }
        }
        let digits = String(hash, radix: 16)
        let sizes = hiddenSizes.map(String.init).joined(separator: "+")
        let projection = projectionSize.map { " to \($0)" } ?? ""
        return
            "\(cell.rawValue) \(inputSize)-\(sizes)\(projection)\(isBidirectional ? " both" : "")\(isReversed ? " reversed" : "") \(String(repeating: "0", count: 16 - digits.count))\(digits)"
    }
}

/// Numbers as text: eight hexadecimal digits for each, the bits from the highest on.
private enum HexText {
    static func text(_ tensor: Tensor) -> String {
        let digits = Array("0123456789abcdef".utf8)
        var bytes: [UInt8] = []
        let values = tensor.cast(to: .float32).scalars(as: Float.self)
        bytes.reserveCapacity(values.count * 8)
        for value in values {
            let bits = value.bitPattern
            for shift in stride(from: 28, through: 0, by: -4) {
                bytes.append(digits[Int(bits >> UInt32(shift) & 15)])
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    static func values(_ text: String) -> [Float]? {
        var result: [Float] = []
        var bits: UInt32 = 0
        var count = 0
        for byte in text.utf8 {
            let digit: UInt8
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): digit = byte - UInt8(ascii: "0")
            case UInt8(ascii: "a")...UInt8(ascii: "f"): digit = byte - UInt8(ascii: "a") + 10
            default: return nil
            }
            bits = bits << 4 | UInt32(digit)
            count += 1
            if count % 8 == 0 { result.append(Float(bitPattern: bits)) }
        }
        return count % 8 == 0 ? result : nil
    }
}
