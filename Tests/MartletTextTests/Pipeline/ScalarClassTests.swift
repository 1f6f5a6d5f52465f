import Foundation
import Testing

@testable import MartletText

/// Every scalar that is not one of a great many alike, through single stages, against Hugging Face tokenizers.
@Suite struct ScalarClassTests {
    private struct Golden: Decodable {
        struct Stage: Decodable {
            var stage: String
            var hashes: [String]
        }
        var blocks: [UInt32]
        var stages: [Stage]
    }

    /// The tokenizers as they stand in the file: they are read by the reader under test.
    private static func tokenizers(_ data: Data) throws -> [TokenizerPipeline] {
        let object = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
        let stages = try #require(object["stages"] as? [[String: Any]])
        return try stages.map {
            let part = try #require($0["tokenizer"])
            return try TokenizerPipeline(
                json: Array(try JSONSerialization.data(withJSONObject: part)))
        }
    }

    @Test func everyScalarIsOfTheSameClass() throws {
        let data = try Data(
            contentsOf: URL(fileURLWithPath: TokenizerFamily.path("scalars.json")))
        let golden = try JSONDecoder().decode(Golden.self, from: data)
        #expect(golden.stages.count > 20 && golden.blocks.count > 20)
        for (stage, tokenizer) in zip(golden.stages, try Self.tokenizers(data)) {
            for (block, hash) in zip(golden.blocks, stage.hashes) {
                var found: UInt64 = 0xCBF2_9CE4_8422_2325
                func add(_ number: Int) { found = (found ^ UInt64(number)) &* 0x100_0000_01B3 }
                for value in block << 12..<(block + 1) << 12 {
                    guard let scalar = Unicode.Scalar(value) else { continue }
                    let ids = try tokenizer.encodeIDs("a\(scalar)b", addSpecialTokens: false)
                    add(ids.count)
                    for id in ids { add(Int(id)) }
                }
                #expect(
                    String(found, radix: 16) == hash.drop { $0 == "0" },
                    "\(stage.stage), from U+\(String(block << 12, radix: 16)) on")
            }
        }
    }
}
