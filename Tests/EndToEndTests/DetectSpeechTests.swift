import Foundation
import MartletStore
import MartletTensor
import MartletTestSupport
import Testing

/// `martlet detect-speech`, with a model that takes tones for speech.
@Suite struct DetectSpeechTests {
    /// 2 s with two tones; what is found of them with the default options. The probability of a tone is
    /// σ(40 tanh(tanh(10 · 0.5)) − 25) = 0.9958.
    private let sound = tones([5120..<15_360, 20_480..<27_648], count: 32_000)
    private let expected = ["0.290\t0.990\t0.996", "1.250\t1.758\t0.996"]

    private struct Place {
        var root: String
        var detect: [String] { ["detect-speech", "--model", "\(root)/model"] }

        /// Writes a recording.
        func file(_ wave: WaveBytes, _ name: String = "sound.wav") throws -> String {
            try Data(wave.bytes).write(to: URL(fileURLWithPath: "\(root)/\(name)"))
            return "\(root)/\(name)"
        }
    }

    private func withModel(_ body: (Place) throws -> Void) throws {
        try withTemporaryFolder { root in
            let config = FileContents.text(#"{"architecture": "silero-vad", "sample_rate": 16000}"#)
            try CheckpointFolder.write(
                to: "\(root)/model",
                files: [
                    ("config.json", config),
                    ("model.safetensors", .tensors(toneDetectorWeights())),
                ])
            try body(Place(root: root))
        }
    }

    private func raw(_ samples: [Float]) -> Data { Data(WaveBytes(samples).data) }

    @Test func segmentsOfAFile() throws {
        try withModel { place in
            let file = try place.file(WaveBytes(sound))
            let lines = try martlet(place.detect + [file])
            #expect(lines.code == 0 && lines.errors.isEmpty, "\(lines.errors)")
            #expect(lines.lines == expected)
            let objects = try martlet(place.detect + [file, "--json"]).objects()
            #expect(objects.map { $0["start"] as? Double } == [0.29, 1.25])
            #expect(objects.map { $0["end"] as? Double } == [0.99, 1.758])
            for object in objects {
                #expect(object.keys.sorted() == ["end", "probability", "start"])
                #expect(abs((object["probability"] as? Double ?? 0) - 0.9958) < 0.0001)
            }
            let subtitles = try martlet(place.detect + [file, "--srt"])
            #expect(
                subtitles.output == """
                    1
                    00:00:00,290 --> 00:00:00,990
                    [speech 0.996]

                    2
                    00:00:01,250 --> 00:00:01,758
                    [speech 0.996]


                    """)
        }
    }

    @Test func optionsReachTheDetector() throws {
        try withModel { place in
            let file = try place.file(WaveBytes(sound))
            for (flags, expected) in [
                ("--padding 0", ["0.320\t0.960\t0.996", "1.280\t1.728\t0.996"]),
                ("--minimum-speech 500", ["0.290\t0.990\t0.996"]),
                ("--minimum-silence 280", ["0.290\t0.990\t0.996"]),
                ("--minimum-silence 400", ["0.290\t2.000\t0.639"]),
                ("--threshold 0.999", []),
                ("--maximum-speech 0.4 --padding 0 --minimum-speech 0", ["0.320\t0.704"]),
                ("--threshold 0.996 --negative-threshold 0.1", []),
            ] {
                let found = try martlet(
                    place.detect + [file] + flags.split(separator: " ").map(String.init))
                #expect(found.code == 0 && found.errors.isEmpty, "\(found.errors)")
                #expect(found.lines.count >= expected.count, "\(flags)")
                #expect(expected.isEmpty == found.lines.isEmpty, "\(flags): \(found.lines)")
                for (line, start) in zip(found.lines, expected) {
                    #expect(line.hasPrefix(start), "\(flags): \(line)")
                }
            }
        }
    }

    @Test(arguments: [8000, 22_050, 44_100, 48_000])
    func everyRateAndChannelGivesTheSameTimes(rate: Int) throws {
        try withModel { place in
            let ranges = [5120..<15_360, 20_480..<27_648].map { range in
                range.lowerBound * rate / 16_000..<range.upperBound * rate / 16_000
            }
            let other = tones(ranges, count: 2 * rate, rate: rate)
            var wave = WaveBytes(channels: [other, other.map { $0 * 0.5 }, other])
            (wave.rate, wave.bits) = (rate, 24)
            let found = try martlet(place.detect + [try place.file(wave), "--json"]).objects()
            #expect(found.count == 2)
            for (object, (start, end)) in zip(found, [(0.29, 0.99), (1.25, 1.758)]) {
                // The resampler's ringing may take in a chunk more.
                #expect(abs((object["start"] as? Double ?? 9) - start) < 0.033)
                #expect(abs((object["end"] as? Double ?? 9) - end) < 0.033)
            }
        }
    }

    @Test func probabilitiesAndPicture() throws {
        try withModel { place in
            let file = try place.file(WaveBytes(sound), "a<b>.wav")
            let (table, picture) = ("\(place.root)/p.csv", "\(place.root)/p.svg")
            let found = try martlet(
                place.detect + [file, "--probabilities", table, "--picture", picture])
            #expect(found.code == 0 && found.lines == expected)
            let rows = String(decoding: try bytes(of: table), as: UTF8.self).split(separator: "\n")
            #expect(rows.count == 64 && rows[0] == "start,probability")
            #expect(rows[1] == "0.000,0.000000" && rows[11].hasPrefix("0.320,0.99"))
            let svg = String(decoding: try bytes(of: picture), as: UTF8.self)
            #expect(svg.hasPrefix("<svg xmlns=\"http://www.w3.org/2000/svg\""))
            #expect(svg.contains("a&lt;b&gt;.wav") && !svg.contains("a<b>"))
            #expect(svg.components(separatedBy: "class=\"speech\"").count == 3)
            #expect(svg.contains("2 segments, 1.2 s of speech in 2.0 s"))
            #expect(!svg.contains("nan") && !svg.contains("inf"))
            for option in ["--probabilities", "--picture"] {
                let failed = try martlet(place.detect + [file, option, "\(place.root)/none/x"])
                #expect(failed.code == 69 && failed.errors.contains("none/x: cannot be written"))
            }
        }
    }

    @Test func standardInputIsRawOrWave() throws {
        try withModel { place in
            var float = WaveBytes(sound)
            (float.codec, float.bits) = (3, 32)
            let half = tones([2560..<7680, 10_240..<13_824], count: 16_000, rate: 8000)
            var streamed = WaveBytes(sound)
            (streamed.claimedDataSize, streamed.claimedRIFFSize) = (0xFFFF_FFFF, 0xFFFF_FFFF)
            for (input, flags) in [
                (raw(sound), []), (raw(sound), ["-"]), (Data(float.data), ["--float"]),
                (Data(WaveBytes(sound).bytes), []), (Data(float.bytes), []),
                (Data(streamed.bytes), []),
            ] {
                let found = try martlet(place.detect + flags, input: input)
                #expect(found.code == 0 && found.errors.isEmpty && found.lines == expected)
            }
            let slow = try martlet(place.detect + ["--rate", "8000"], input: raw(half))
            #expect(slow.lines.count == 2)
        }
    }

    @Test func liveSoundIsAnsweredWhenASegmentEnds() throws {
        try withModel { place in
            let program = try startMartlet(place.detect)
            // The first tone and the 5 chunks after it that make it certain.
            program.send(raw(Array(sound[..<17_920])))
            #expect(program.nextLine(within: 20) == expected[0])
            program.send(raw(Array(sound[17_920..<25_000])))
            // The second one is still going on: the end of the input ends it.
            let outcome = program.finish()
            #expect(outcome.code == 0)
            #expect(outcome.lines == [expected[0], "1.250\t1.563\t0.996"], "\(outcome.lines)")
        }
    }

    @Test(arguments: [SIGINT, SIGTERM])
    func interruptedItClosesTheLastSegment(_ kind: Int32) throws {
        try withModel { place in
            let program = try startMartlet(place.detect)
            program.send(raw(Array(sound[..<25_600])))
            #expect(program.nextLine(within: 20) == expected[0])
            program.signal(kind)
            var lines: [String] = []
            while let line = program.nextLine(within: 20) { lines.append(line) }
            #expect(lines == ["1.250\t1.600\t0.996"])
            #expect(program.finish().code == 130)
        }
    }

    @Test func shortSilentAndEmptySounds() throws {
        try withModel { place in
            for count in [1, 100, 511, 513, 16_000] {
                let silence = [Float](repeating: 0, count: count)
                let found = try martlet(place.detect + [try place.file(WaveBytes(silence))])
                #expect(found.code == 0 && found.output.isEmpty && found.errors.isEmpty)
            }
            // Shorter than a chunk, and all of it sound.
            let short = try martlet(
                place.detect + ["--minimum-speech", "0"], input: raw(tones([0..<400], count: 400)))
            #expect(short.lines.map { $0.hasPrefix("0.000\t0.025\t") } == [true], "\(short.lines)")
            let nothing = try martlet(place.detect)
            #expect(nothing.code == 0 && nothing.output.isEmpty && nothing.errors.isEmpty)
            try martlet(place.detect + [try place.file(WaveBytes([]))])
                .expectFailure(65, "sound.wav: has no samples")
        }
    }

    @Test func badSoundsAre65() throws {
        try withModel { place in
            var wave = WaveBytes(sound)
            (wave.codec, wave.bits) = (3, 32)
            wave.channels[0][20] = .nan
            try martlet(place.detect + [try place.file(wave)])
                .expectFailure(65, "sound.wav: sample 20 ", "is nan")
            try write("no sound", to: "\(place.root)/text.wav")
            try martlet(place.detect + ["\(place.root)/text.wav"])
                .expectFailure(65, "text.wav: is no WAV file")
            try martlet(place.detect + ["\(place.root)/none.wav"])
                .expectFailure(65, "none.wav: cannot be read: No such file")
            // A cut one is read, and said to be cut.
            let cut = "\(place.root)/cut.wav"
            try Data(WaveBytes(sound).bytes.dropLast(4000)).write(to: URL(fileURLWithPath: cut))
            let found = try martlet(place.detect + [cut])
            #expect(found.code == 0 && found.lines == expected)
            #expect(found.errors.hasPrefix("martlet: \(cut): has 60000 of the 64000 bytes"))
        }
    }

    @Test func theModelIsLookedForInTheCache() throws {
        try withModel { place in
            let file = try place.file(WaveBytes(sound))
            let cache = ["MARTLET_CACHE": "\(place.root)/cache"]
            try martlet(["detect-speech", file], environment: cache).expectFailure(
                65, "\(place.root)/cache/silero-vad: the speech detector is not there",
                "run Tools/fetch_silero.sh")
            try FileManager.default.createDirectory(
                atPath: "\(place.root)/cache", withIntermediateDirectories: true)
            try FileManager.default.copyItem(
                atPath: "\(place.root)/model", toPath: "\(place.root)/cache/silero-vad")
            #expect(try martlet(["detect-speech", file], environment: cache).lines == expected)
        }
    }

    @Test(
        arguments: [
            ["--json", "--srt"], ["a.wav", "--rate", "8000"], ["a.wav", "--float"],
            ["--rate", "10"], ["--threshold", "1.2"], ["--threshold", "nan"],
            ["--negative-threshold", "0.9"], ["--padding", "-1"], ["--maximum-speech", "0.01"],
            ["a.wav", "b.wav"],
        ])
    func wrongUsageIs64(_ flags: [String]) throws {
        let outcome = try martlet(["detect-speech", "--model", "m"] + flags)
        #expect(outcome.code == 64 && outcome.output.isEmpty, "\(outcome.errors)")
    }
}
