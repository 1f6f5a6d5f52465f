import Foundation
import Testing

@testable import MartletText

/// Single stages, against those of Hugging Face tokenizers.
@Suite struct GoldenStageTests {
    private let content: [String: JSONValue]

    init() throws {
        let path = TokenizerFamily.path("stages.json")
        let bytes = Array(try Data(contentsOf: URL(fileURLWithPath: path)))
        let value = try bytes.withUnsafeBufferPointer { buffer in
            var reader = JSONReader(buffer)
            return try JSONValue.read(&reader)
        }
        guard case .object(let members) = value else {
            throw PipelineError.invalid(part: path, reason: "no object")
        }
        content = members
    }

    private func list(_ name: String) throws -> [JSONPart] {
        try JSONPart(value: try #require(content[name]), name: name).list()
    }

    private func texts(_ part: JSONPart) throws -> [String] {
        try part.list().map { try $0.text() }
    }

    private func offsets(_ part: JSONPart) throws -> [[Int]] {
        try part.list().map { try $0.list().map { try $0.integer() } }
    }

    private func found(
        _ text: String, normalizer: Normalizer? = nil, preTokenizer: PreTokenizer
    ) throws -> [Int] {
        let tokenizer = try TokenizerPipeline(
            model: .wordLevel(try WordLevelModel(pieces: ["<unk>"])), normalizer: normalizer,
            preTokenizer: preTokenizer)
        let encoding = try tokenizer.encode(text)
        #expect(try tokenizer.encodeIDs(text) == encoding.ids)
        return encoding.offsets.flatMap { [$0.lowerBound, $0.upperBound] }
    }

    @Test func preTokenizers() throws {
        let inputs = try list("inputs").map { try $0.text() }
        let stages = try list("pre_tokenizers")
        #expect(stages.count > 20 && inputs.count > 20)
        for stage in stages {
            let preTokenizer = try stage.required("stage").preTokenizer()
            for (text, wanted) in zip(inputs, try offsets(stage.required("offsets"))) {
                let found = try found(text, preTokenizer: preTokenizer)
                #expect(found == wanted, "\(preTokenizer): \(text.debugDescription)")
            }
        }
    }

    @Test func normalizers() throws {
        let inputs = try list("inputs").map { try $0.text() }
        for stage in try list("normalizers") {
            let normalizer = try stage.required("stage").normalizer()
            let steps = try NormalizerStep.steps(normalizer)
            let worker = PipelineWorker()
            let wanted = try texts(stage.required("texts"))
            let places = try offsets(stage.required("offsets"))
            for index in inputs.indices {
                let text = inputs[index]
                let normal = try worker.normalise(text, steps)
                let note = "\(stage.name): \(text.debugDescription)"
                #expect(Array(normal.utf8) == Array(wanted[index].utf8), "\(note)")
                let found = try found(
                    text, normalizer: normalizer, preTokenizer: .fixedLength(1))
                #expect(found == places[index], "\(note)")
            }
        }
    }

    @Test func decoders() throws {
        let pieces = try list("pieces").map(texts)
        for stage in try list("decoders") {
            let decoder = try stage.required("stage").decoder()
            for (pieces, wanted) in zip(pieces, try texts(stage.required("texts"))) {
                var distinct: [String] = []
                for piece in pieces where !distinct.contains(piece) { distinct.append(piece) }
                let tokenizer = try TokenizerPipeline(
                    model: .wordLevel(try WordLevelModel(pieces: distinct)), decoder: decoder)
                let ids = pieces.map { Int32(distinct.firstIndex(of: $0)!) }
                let found = try tokenizer.decode(ids)
                #expect(Array(found.utf8) == Array(wanted.utf8), "\(decoder): \(pieces)")
            }
        }
    }
}
