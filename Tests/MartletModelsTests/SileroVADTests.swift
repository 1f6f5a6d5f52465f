import Foundation
import MartletModels
import MartletStore
import MartletTensor
import MartletTestSupport
import Testing

/// Silero VAD against PyTorch, and its ways to run against each other.
@Suite struct SileroVADTests {
    private let expected: GoldenValue
    private let model: SileroVAD
    private let samples: [Float]

    init() throws {
        let expected = try golden("silero_vad")
        var random = RandomGenerator.placeholder
        model = SileroVAD(.init(), using: &random).mapParameters { name, parameter in
            let weight = expected["weights"][name]
            return hashedTensor(
                weight["number"].integer, parameter.shape, bound: weight["bound"].number
            ).cast(to: .float32)
        }
        samples = hashedWaveform(expected["samples"].integer)
        self.expected = expected
    }

    /// The probabilities of whole steps.
    private func probabilities(_ samples: [Float]) -> [Float] {
        var stream = SpeechStream(model)
        return (stream.add(samples) + stream.finish()).map(\.probability)
    }

    @Test func equalsPyTorch() throws {
        #expect(model.parameters.map(\.name).sorted() == expected["weights"].keys)
        let (probability, hidden, cell) = model(Tensor(samples, shape: [1, samples.count]))
        let wanted = expected["probability"].tensor()
        #expect(largestDifference(probability.squeezed(axis: 0), wanted) < 1e-5)
        #expect(largestDifference(hidden, expected["h_n"].tensor()) < 1e-5)
        #expect(largestDifference(cell, expected["c_n"].tensor()) < 1e-5)
    }

    @Test func equalsPyTorchInDoublePrecision() throws {
        let double = model.mapParameters { $1.cast(to: .float64) }
        let input = Tensor(samples.map(Double.init), shape: [1, samples.count])
        let wanted = expected["probability"].tensor()
        #expect(largestDifference(double(input).probability.squeezed(axis: 0), wanted) < 1e-10)
    }

    @Test func stepsEqualPyTorch() throws {
        var stream = SpeechStream(model)
        let chunks = stream.add(samples) + stream.finish()
        let wanted = expected["probability"].tensor()
        #expect(largestDifference(Tensor(chunks.map(\.probability)), wanted) < 1e-5)
        let hidden = Tensor(stream.state.hidden, shape: [1, 128])
        #expect(largestDifference(hidden, expected["h_n"].tensor()) < 1e-5)
        let cell = Tensor(stream.state.cell, shape: [1, 128])
        #expect(largestDifference(cell, expected["c_n"].tensor()) < 1e-5)
        #expect(chunks.map(\.sampleCount) == Array(repeating: 512, count: 17) + [9000 - 17 * 512])
        for (index, range) in chunks.dropLast().flatMap(\.ranges).enumerated() {
            let part = samples[index * 128..<(index + 1) * 128]
            #expect(range == part.min()!...part.max()!)
        }
    }

    @Test(arguments: [1, 7, 160, 511, 512, 513, 2000])
    func partsGiveTheSameBitsAsTheWhole(size: Int) {
        var stream = SpeechStream(model)
        var found: [SpeechChunk] = []
        for start in stride(from: 0, to: samples.count, by: size) {
            found += stream.add(Array(samples[start..<min(start + size, samples.count)]))
            // A chunk's answer does not wait for the next one.
            #expect(found.count == min(start + size, samples.count) / 512)
        }
        #expect((found + stream.finish()).map(\.probability) == probabilities(samples))
    }

    @Test func aStateGoesOnWhereItWasLeft() throws {
        let whole = probabilities(Array(samples[..<8192]))
        let steps = SileroVAD.Steps(model)
        var state = SileroVAD.State()
        var found: [Float] = []
        for index in 0..<16 {
            found.append(
                steps.step(Array(samples[index * 512..<(index + 1) * 512]), state: &state))
            let copy = try JSONDecoder().decode(
                SileroVAD.State.self, from: JSONEncoder().encode(state))
            #expect(copy == state)
            state = copy
        }
        #expect(found == whole)
        #expect(throws: DecodingError.self) {
            try JSONDecoder().decode(
                SileroVAD.State.self,
                from: Data(#"{"context": [], "hidden": [0], "cell": []}"#.utf8))
        }
    }

    @Test func runTakesWhatARunBeforeLeft() throws {
        let input = Tensor(samples[..<8192].map { $0 }, shape: [1, 8192])
        let whole = try model.run(["input": input])
        let first = try model.run(["input": input.slice(axis: 1, 0..<4096)])
        let second = try model.run([
            "input": input.slice(axis: 1, 4096..<8192),
            "context": input.slice(axis: 1, 4032..<4096), "h0": first["h_n"]!, "c0": first["c_n"]!,
        ])
        let both = Tensor.concatenate([first["probability"]!, second["probability"]!], axis: 1)
        #expect(largestDifference(both, whole["probability"]!) < 1e-6)
        #expect(largestDifference(second["c_n"]!, whole["c_n"]!) < 1e-6)
        for (inputs, expected) in [
            ([:], "\"input\" is missing"), (["input": .zeros([512])], "has the shape [512]"),
            (["input": input, "context": .zeros([1, 63])], "\"context\" has the shape [1, 63]"),
            (["input": input, "sr": .zeros([1])], "\"sr\" is not one of"),
        ] as [([String: Tensor], String)] {
            #expect(errorText { _ = try model.run(inputs) }.contains(expected))
        }
    }

    @Test func recordingsSideBySideAreLikeEachAlone() {
        let rows = [samples, samples.reversed(), samples.map { -0.5 * $0 }]
        let together = model(Tensor(rows.flatMap { $0 }, shape: [3, samples.count])).probability
        for (index, row) in rows.enumerated() {
            let alone = model(Tensor(row, shape: [1, row.count])).probability
            #expect(
                largestDifference(together.slice(axis: 0, index..<index + 1), alone) < 1e-6)
        }
    }

    @Test func shortAndEmptyRecordings() {
        #expect(probabilities([]) == [])
        let padded = Array(samples[..<100]) + [Float](repeating: 0, count: 412)
        #expect(probabilities(Array(samples[..<100])) == probabilities(padded))
        #expect(model(.zeros([2, 0])).probability.shape == [2, 0])
        #expect(model(.zeros([2, 1])).probability.shape == [2, 1])
    }

    @Test func theGradientReachesEveryParameter() {
        let input = Tensor(Array(samples[..<2048]), shape: [1, 2048])
        let (_, gradient) = valueAndGradient(at: model) { $0(input).probability.sum() }
        for (name, tensor) in gradient.parameters {
            let size = tensor.absolute().sum().item
            #expect(size > 0 && size.isFinite, "\(name)")
        }
    }

    @Test func aFolderIsReadByTheCheckpointsNames() throws {
        try withTemporaryFolder { folder in
            try CheckpointFolder.write(
                to: folder,
                files: [
                    ("config.json", .text(#"{"architecture": "silero-vad"}"#)),
                    ("model.safetensors", .tensors(toneDetectorWeights())),
                ])
            let loaded = try ModelFolder.load(SileroVAD.self, from: folder)
            var stream = SpeechStream(loaded)
            let chunks = stream.add(tones([2048..<4096], count: 6144))
            #expect(chunks.map { $0.probability > 0.9 } == (0..<12).map { (4..<8).contains($0) })
            try write(
                #"{"architecture": "silero-vad", "sample_rate": 8000}"#, to: "\(folder)/config.json"
            )
            let text = errorText { _ = try ModelFolder.load(from: folder) }
            #expect(text.contains("config.json: sample_rate is 8000: expected 16000"))
        }
    }
}
