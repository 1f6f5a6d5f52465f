import Foundation
import MartletTestSupport
import Testing

@testable import MartletData

/// WAV files of every kind, and what is wrong with some.
@Suite struct AudioReaderTests {
    private let samples = (0..<1000).map { Float(sin(Double($0) / 7)) * 0.8 }

    /// What a reader makes of a file.
    private struct Recording {
        var samples: [Float] = []
        var rate = 0
        var channels = 0
        var warnings: [String] = []
    }

    private func read(_ bytes: [UInt8]) throws -> Recording {
        try withTemporaryFolder { folder in
            let path = "\(folder)/recording.wav"
            try Data(bytes).write(to: URL(fileURLWithPath: path))
            var reader = try AudioReader(path: path)
            var result = Recording(rate: reader.rate, channels: reader.channels)
            while let part = try reader.next() { result.samples += part }
            result.warnings = reader.warnings
            return result
        }
    }

    private func problem(_ bytes: [UInt8]) -> String { errorText { _ = try read(bytes) } }

    private func difference(_ a: [Float], _ b: [Float]) -> Float {
        a.count == b.count ? zip(a, b).map { abs($0 - $1) }.max() ?? 0 : .infinity
    }

    @Test(
        arguments: [
            (1, 8), (1, 12), (1, 16), (1, 20), (1, 24), (1, 32), (3, 32), (3, 64),
        ], [false, true])
    func everyFormat(format: (codec: Int, bits: Int), isExtensible: Bool) throws {
        var wave = WaveBytes(samples)
        (wave.codec, wave.bits, wave.isExtensible) = (format.codec, format.bits, isExtensible)
        let found = try read(wave.bytes)
        // Half a step of the bytes that hold a sample; a float has 24 digits.
        let step = format.codec == 3 ? 0 : pow(2, -Float(min(23, (format.bits + 7) / 8 * 8)))
        #expect(difference(found.samples, samples) <= step)
        #expect(found.rate == 16_000 && found.channels == 1 && found.warnings.isEmpty)
    }

    @Test(arguments: [2, 3, 8])
    func channelsAreMixedDown(count: Int) throws {
        var wave = WaveBytes(
            channels: (0..<count).map { channel in samples.map { $0 * Float(channel + 1) / 8 } })
        (wave.codec, wave.bits, wave.rate) = (3, 32, 48_000)
        let found = try read(wave.bytes)
        let mean = Float(count + 1) / 16
        #expect(difference(found.samples, samples.map { $0 * mean }) < 1e-6)
        #expect(found.rate == 48_000 && found.channels == count)
    }

    @Test func loudestAndSoftestSamples() throws {
        var wave = WaveBytes([-1, 0, 0.5, 1])
        for (bits, largest) in [
            (8, 127.0 / 128), (16, 32_767.0 / 32_768), (24, 8_388_607.0 / 8_388_608),
        ] {
            wave.bits = bits
            #expect(try read(wave.bytes).samples == [-1, 0, 0.5, Float(largest)])
        }
    }

    @Test func otherChunksAreLeftOut() throws {
        var wave = WaveBytes(samples)
        wave.chunksBefore = [("LIST", [1, 2, 3]), ("bext", Array(repeating: 7, count: 100_001))]
        wave.chunksAfter = [("LIST", Array("INFOmore".utf8)), ("cue ", [0])]
        let found = try read(wave.bytes)
        #expect(difference(found.samples, samples) < 1e-4 && found.warnings.isEmpty)
    }

    @Test(arguments: [
        (0xFFFF_FFFF, 0xFFFF_FFFF), (0, 0), (0, 0xFFFF_FFFF), (0x7FFF_FFDB, 0x7FFF_FFFF),
    ])
    func anUnknownLengthGoesOnToTheEnd(sizes: (data: Int, whole: Int)) throws {
        var wave = WaveBytes(samples)
        (wave.claimedDataSize, wave.claimedRIFFSize) = sizes
        let found = try read(wave.bytes)
        #expect(difference(found.samples, samples) < 1e-4 && found.warnings.isEmpty)
    }

    @Test func longFilesSayTheirLengthElsewhere() throws {
        var wave = WaveBytes(samples)
        wave.claimedDataSize = 0xFFFF_FFFF
        wave.chunksAfter = [("junk", Array(repeating: 9, count: 400))]
        var bytes = wave.bytes
        let size = samples.count * 2
        let sizes =
            [UInt8](repeating: 0, count: 8) + [
                UInt8(size & 255), UInt8(size >> 8), 0, 0, 0, 0, 0, 0,
            ]
        bytes.replaceSubrange(0..<4, with: Array("RF64".utf8))
        bytes.insert(
            contentsOf: Array("ds64".utf8) + [28, 0, 0, 0] + sizes
                + [UInt8](repeating: 0, count: 12),
            at: 12)
        #expect(try read(bytes).samples.count == samples.count)
    }

    @Test func aCutFileIsReadAsFarAsItGoes() throws {
        let whole = WaveBytes(samples).bytes
        let found = try read(Array(whole.dropLast(501)))
        #expect(found.samples.count == 749)
        #expect(difference(found.samples, Array(samples[..<749])) < 1e-4)
        #expect(
            found.warnings.map { $0.contains("has 1499 of the 2000 bytes of samples") } == [true],
            "\(found.warnings)")
    }

    @Test func whatIsLessThanAFrameIsLeftOutWithAWarning() throws {
        var wave = WaveBytes(channels: [samples, samples])
        wave.claimedDataSize = 3998
        let short = try read(wave.bytes)
        #expect(short.samples.count == 999)
        #expect(
            short.warnings.map { $0.contains("no multiple of a frame's 4 bytes; the last 2") }
                == [true], "\(short.warnings)")
        wave.claimedDataSize = 0xFFFF_FFFF
        let open = try read(wave.bytes.dropLast(3))
        #expect(open.samples.count == 999)
        #expect(
            open.warnings.map {
                $0.contains("ends in the middle of a frame of 4 bytes; the last 1")
            }
                == [true], "\(open.warnings)")
    }

    @Test func whatIsNoWaveFileIsRefusedByItsKind() {
        for (bytes, expected) in [
            ([], "is empty: expected a WAV file"),
            (Array("fLaC and more bytes".utf8), "is a FLAC file; convert it to WAV"),
            (Array("OggS and more bytes".utf8), "is an Ogg file"),
            (Array("ID3 and more bytes!".utf8), "is an MP3 file"),
            (Array("RIFX\0\0\0\0WAVE".utf8), "is a big-endian WAV file"),
            (Array("hello, this is text".utf8), "is no WAV file: it does not begin with \"RIFF\""),
            (Array("RIFF\0\0\0\0AVI LIST".utf8), "is a RIFF file with \"AVI \", not with sound"),
            (Array("RIFF".utf8), "ends after 4 bytes, in the middle of its header"),
        ] as [([UInt8], String)] {
            let found = problem(bytes)
            #expect(found.contains("recording.wav: " + expected), "\(found)")
        }
    }

    @Test func wrongHeadersAreRefused() {
        func changed(_ change: (inout WaveBytes) -> Void) -> [UInt8] {
            var wave = WaveBytes(samples)
            change(&wave)
            return wave.bytes
        }
        let plain = WaveBytes(samples).bytes
        for (bytes, expected) in [
            (
                changed {
                    $0.codec = 6; $0.bits = 8
                }, "in codec 6 (A-law): expected 1 (PCM) or 3"
            ),
            (
                changed {
                    $0.codec = 2; $0.bits = 4
                }, "in codec 2 (Microsoft ADPCM)"
            ),
            (changed { $0.codec = 0x4242 }, "in codec 16962: expected"),
            (
                changed {
                    $0.codec = 7; $0.isExtensible = true; $0.bits = 8
                }, "codec 7 (µ-law)"
            ),
            (changed { $0.claimedAlign = 3 }, "frames of 3 bytes (block align): expected 2"),
            (changed { $0.claimedAlign = 0 }, "frames of 0 bytes (block align): expected 2"),
            (
                changed {
                    $0.codec = 3; $0.bits = 16
                }, "16-bit samples of codec 3: expected 32 or 64"
            ),
            (changed { $0.bits = 40 }, "40-bit samples of codec 1: expected 8, 16, 24 or 32"),
            (changed { $0.rate = 0 }, "1 channels at 0 Hz"),
            (changed { $0.rate = 999 }, "999 samples a second: expected 1000 … 768000"),
            (changed { $0.channels = [[]] }, "has no samples: its chunk \"data\" is empty"),
            (
                changed {
                    $0.channels = [[]]; $0.claimedDataSize = 0xFFFF_FFFF
                },
                "has no samples: it ends after its header"
            ),
            (Array(plain[..<20]), "ends after 20 bytes, in the middle of its header"),
            (Array(plain[..<30]), "ends after 30 bytes, in the middle of its header"),
            (Array(plain[..<12]), "ends after 12 bytes without a chunk \"fmt \" and \"data\""),
            (Array(plain[..<38]), "ends after 38 bytes without a chunk \"data\""),
            (Array(plain[..<44]), "has no samples: it ends after its header"),
            (Array(plain[..<12] + plain[36...]), "samples before the chunk \"fmt \""),
            (
                changed { $0.chunksBefore = [("LIST", [1, 2, 3, 4])] }.replacingSize(at: 40, 3000),
                "a chunk \"LIST\" of 3000 bytes at byte 36, but only 2012 follow"
            ),
            (
                changed { $0.chunksBefore = [("LIST", [1, 2, 3, 4])] }.replacingSize(at: 40, 2),
                "has no chunk at byte 46, where one should begin"
            ),
            (plain.replacingSize(at: 16, 14), "a chunk \"fmt \" of 14 bytes: expected at least 16"),
            (plain.replacingSize(at: 16, 1 << 20), "a chunk \"fmt \" of 1048576 bytes"),
        ] {
            let found = problem(bytes)
            #expect(found.contains(expected), "\(found) but not \(expected)")
        }
    }

    @Test(arguments: [Float.nan, .infinity, -.infinity, 2e6])
    func whatIsNoNumberIsRefusedByItsPlace(value: Float) {
        var wave = WaveBytes(channels: [samples, samples])
        (wave.codec, wave.bits, wave.rate) = (3, 32, 8000)
        wave.channels[1][801] = value
        let found = problem(wave.bytes)
        #expect(
            found.contains(
                "sample 801 (counted from 0, at 0.1 s) of channel 2 is \(value): expected a number"),
            "\(found)")
    }

    @Test func aMissingFileAndAFolderAreRefused() throws {
        try withTemporaryFolder { folder in
            #expect(
                errorText { _ = try AudioReader(path: "\(folder)/none.wav").rate }.contains(
                    "none.wav: cannot be read: No such file"))
            #expect(
                errorText { _ = try AudioReader(path: folder).rate }.contains(
                    "is a folder: expected a WAV file"))
        }
    }
}

extension [UInt8] {
    /// The bytes with the four from a place on replaced by a number.
    fileprivate func replacingSize(at place: Int, _ size: Int) -> [UInt8] {
        var copy = self
        for index in 0..<4 { copy[place + index] = UInt8(truncatingIfNeeded: size >> (8 * index)) }
        return copy
    }
}
