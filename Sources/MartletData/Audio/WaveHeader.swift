/// What a WAV file says of its samples (RIFF WAVE, Microsoft & IBM 1991; RF64, EBU Tech 3306).
struct WaveHeader: Equatable {
    var format: SampleFormat
    var channels: Int
    /// Frames a second.
    var rate: Int
    /// The bytes of the samples; nil: unknown, they go on to the end, as where a program writes into a pipe.
    var byteCount: Int?

    /// Reads everything before the first sample.
    ///
    /// - Throws: ``DataError`` with what was found and what was expected.
    init(from reader: inout ByteReader) throws(DataError) {
        let path = reader.name
        let head = try reader.take(12)
        if head.isEmpty { throw DataError(path, "is empty: expected a WAV file") }
        let kind = head.prefix(4)
        guard kind.elementsEqual("RIFF".utf8) || kind.elementsEqual("RF64".utf8) else {
            throw DataError(path, Self.strange(head))
        }
        guard head.count == 12 else { throw Self.cut(path, head.count) }
        guard head[8...].elementsEqual("WAVE".utf8) else {
            throw DataError(
                path,
                "is a RIFF file with \"\(Self.text(head[8...]))\", not with sound: expected \"WAVE\""
            )
        }
        let whole = Self.number(head, 4, 4)
        var found: (format: SampleFormat, channels: Int, rate: Int)?
        var longSize: Int?
        while true {
            let place = reader.position
            let chunk = try reader.take(8)
            guard chunk.count == 8 else {
                let missing = found == nil ? "\"fmt \" and \"data\"" : "\"data\""
                throw DataError(
                    path,
                    "ends after \(reader.position) bytes without a chunk \(missing): the file is cut short, or a size in it is wrong; copy or record it again"
                )
            }
            guard chunk.prefix(4).allSatisfy({ (0x20..<0x7F).contains($0) }) else {
                throw DataError(
                    path,
                    "has no chunk at byte \(place), where one should begin: the size of the chunk before is wrong; convert it with a program that is not so strict"
                )
            }
            let name = Self.text(chunk.prefix(4))
            let size = Self.number(chunk, 4, 4)
            if name == "data" {
                guard let found else {
                    throw DataError(
                        path, "has its samples before the chunk \"fmt \" that says what they are")
                }
                (format, channels, rate) = found
                byteCount = try Self.byteCount(size, whole: whole, longSize, path)
                return
            }
            if name == "fmt " || name == "ds64" {
                guard size <= 1 << 16 else {
                    throw DataError(
                        path, "has a chunk \"\(name)\" of \(size) bytes: expected 16 … 40")
                }
                let body = try reader.take(size)
                guard body.count == size else { throw Self.cut(path, reader.position) }
                if name == "fmt " { found = try Self.format(body, path) }
                if name == "ds64", size >= 16 { longSize = Self.number(body, 8, 8) }
            } else {
                let skipped = try reader.skip(size)
                guard skipped == size else {
                    throw DataError(
                        path,
                        "has a chunk \"\(name)\" of \(size) bytes at byte \(place), but only \(skipped) follow, and no \"data\": the file is cut short, or the size is wrong"
                    )
                }
            }
            if size % 2 == 1 { _ = try reader.skip(1) }
        }
    }

    /// Sizes from here on stand for "not known yet" in files that were written into a pipe.
    private static let unknownSize = 0x7FFF_F000

    private static func byteCount(_ size: Int, whole: Int, _ longSize: Int?, _ path: String)
        throws(DataError) -> Int?
    {
        if let longSize, size == 0xFFFF_FFFF { return longSize }
        if size >= unknownSize || (size == 0 && (whole == 0 || whole >= unknownSize)) { return nil }
        guard size > 0 else {
            throw DataError(path, "has no samples: its chunk \"data\" is empty; record it again")
        }
        return size
    }

    private static func format(_ body: [UInt8], _ path: String) throws(DataError) -> (
        SampleFormat, Int, Int
    ) {
        guard body.count >= 16 else {
            throw DataError(
                path, "has a chunk \"fmt \" of \(body.count) bytes: expected at least 16")
        }
        var codec = number(body, 0, 2)
        let (channels, rate) = (number(body, 2, 2), number(body, 4, 4))
        let (align, bits) = (number(body, 12, 2), number(body, 14, 2))
        if codec == 0xFFFE {
            guard body.count >= 40, body[26..<40].elementsEqual(extensibleTail) else {
                throw DataError(
                    path,
                    "is WAVE_FORMAT_EXTENSIBLE with a sub-format that is none of a plain codec's")
            }
            codec = number(body, 24, 2)
        }
        guard codec == 1 || codec == 3 else {
            let name = codecs[codec].map { " (\($0))" } ?? ""
            throw DataError(
                path,
                "has samples in codec \(codec)\(name): expected 1 (PCM) or 3 (float); convert it to 16-bit PCM"
            )
        }
        guard channels > 0, rate > 0 else {
            throw DataError(
                path, "has \(channels) channels at \(rate) Hz: expected at least 1 of each")
        }
        guard Resampler.rates.contains(rate) else {
            throw DataError(
                path,
                "has \(rate) samples a second: expected \(Resampler.rates.lowerBound) … \(Resampler.rates.upperBound)"
            )
        }
        let format: SampleFormat = codec == 1 ? .integer(bits: bits) : .float(bits: bits)
        guard codec == 1 ? (1...32).contains(bits) : bits == 32 || bits == 64 else {
            throw DataError(
                path,
                "has \(bits)-bit samples of codec \(codec): expected \(codec == 1 ? "8, 16, 24 or 32" : "32 or 64") bits"
            )
        }
        guard align == channels * format.byteCount else {
            throw DataError(
                path,
                "has frames of \(align) bytes (block align): expected \(channels * format.byteCount), \(channels) channels of \(bits) bits; the header is wrong"
            )
        }
        return (format, channels, rate)
    }

    /// The end of the sub-formats that are a plain codec.
    private static let extensibleTail: [UInt8] = [
        0, 0, 0, 0, 0x10, 0, 0x80, 0, 0, 0xAA, 0, 0x38, 0x9B, 0x71,
    ]

    private static let codecs = [
        2: "Microsoft ADPCM", 6: "A-law", 7: "µ-law", 0x11: "IMA ADPCM", 0x31: "GSM 6.10",
        0x50: "MPEG", 0x55: "MP3", 0x92: "AC-3", 0xFF: "AAC", 0x161: "Windows Media Audio",
    ]

    private static func cut(_ path: String, _ count: Int) -> DataError {
        DataError(
            path,
            "ends after \(count) bytes, in the middle of its header: the file is cut short; copy or record it again"
        )
    }

    /// What a file without RIFF is.
    private static func strange(_ head: [UInt8]) -> String {
        let kinds: [(String, [UInt8])] = [
            ("a FLAC file", Array("fLaC".utf8)), ("an Ogg file", Array("OggS".utf8)),
            ("an MP3 file", Array("ID3".utf8)), ("an MP3 file", [0xFF, 0xFB]),
            ("an AIFF file", Array("FORM".utf8)), ("an AU file", Array(".snd".utf8)),
            ("a big-endian WAV file", Array("RIFX".utf8)),
            ("a Wave64 file", Array("riff".utf8)),
            ("a Matroska or WebM file", [0x1A, 0x45, 0xDF, 0xA3]),
        ]
        let kind = kinds.first { head.starts(with: $0.1) }?.0
        return
            "is \(kind ?? "no WAV file: it does not begin with \"RIFF\""); convert it to WAV, or give raw samples on standard input with --rate"
    }

    private static func number(_ bytes: [UInt8], _ place: Int, _ count: Int) -> Int {
        (0..<count).reversed().reduce(0) { $0 << 8 | Int(bytes[place + $1]) } & Int.max
    }

    private static func text(_ bytes: ArraySlice<UInt8>) -> String {
        String(
            decoding: bytes.map { (0x20..<0x7F).contains($0) ? $0 : UInt8(ascii: "?") },
            as: UTF8.self)
    }
}
