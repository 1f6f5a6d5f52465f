import Testing

@testable import MartletText

/// Identical to Hugging Face tokenizers: numbers, offsets, texts.
@Suite struct GoldenTokenizerTests {
    private func flat(_ ranges: [Range<Int>]) -> [Int] {
        ranges.flatMap { [$0.lowerBound, $0.upperBound] }
    }

    private func same(_ a: String, _ b: Any?) -> Bool {
        guard let b = b as? String else { return false }
        return Array(a.utf8) == Array(b.utf8)
    }

    @Test(arguments: TokenizerFamily.names)
    func textsAlone(name: String) throws {
        let family = try TokenizerFamily(name)
        let tokenizer = family.tokenizer
        #expect(family.cases["alone"]!.count == family.texts.count && family.texts.count > 60)
        for (text, wanted) in zip(family.texts, family.cases["alone"]!) {
            let encoding = try tokenizer.encode(text, addSpecialTokens: false)
            let ids = encoding.ids
            #expect(ids == (wanted["ids"] as? [Int32]), "\(name): \(text.debugDescription)")
            #expect(
                flat(encoding.offsets) == wanted["offsets"] as? [Int],
                "\(name): \(text.debugDescription)")
            #expect(try tokenizer.encodeIDs(text, addSpecialTokens: false) == ids)
            #expect(try tokenizer.encodeIDs(text) == tokenizer.encode(text).ids)
            let decoded = try tokenizer.decode(ids, skipSpecialTokens: false)
            #expect(same(decoded, wanted["decoded"]), "\(name): \(text.debugDescription)")
            let skipped = try tokenizer.decode(ids)
            #expect(same(skipped, wanted["skipped"]))
            var stream = tokenizer.stream(skipSpecialTokens: false)
            var streamed = ""
            for id in ids { streamed += try stream.append(id) ?? "" }
            streamed += try stream.finish()
            #expect(same(streamed, wanted["decoded"]), "\(name): \(text.debugDescription)")
        }
    }

    private func check(_ encoding: Encoding, _ wanted: [String: Any], _ note: String) {
        func optional(_ key: String) -> [Int?]? {
            (wanted[key] as? [Any])?.map { $0 as? Int }
        }
        #expect(encoding.ids == wanted["ids"] as? [Int32], "\(note): ids")
        #expect(encoding.tokens == wanted["tokens"] as? [String], "\(note): tokens")
        #expect(flat(encoding.offsets) == wanted["offsets"] as? [Int], "\(note): offsets")
        let words: [Int?] = encoding.words.map { $0.map { Int($0) } }
        #expect(words == optional("words"), "\(note): words")
        #expect(encoding.typeIDs == wanted["types"] as? [Int32], "\(note): types")
        #expect(encoding.sequenceIDs == optional("sequences"), "\(note): sequences")
        #expect(encoding.specialTokensMask == wanted["special"] as? [Int32], "\(note): special")
        #expect(encoding.attentionMask == wanted["attention"] as? [Int32], "\(note): attention")
        let parts = encoding.overflowing.map(\.ids)
        let wantedParts = wanted["overflowing"] as? [[Int32]] ?? []
        #expect(parts == wantedParts, "\(note): overflowing")
    }

    private func texts(_ wanted: [String: Any]) throws -> (String, String?) {
        let texts = try #require(wanted["texts"] as? [String])
        return (texts[0], texts.count > 1 ? texts[1] : nil)
    }

    @Test(arguments: TokenizerFamily.names)
    func everythingOfAnEncoding(name: String) throws {
        let family = try TokenizerFamily(name)
        for (number, wanted) in family.cases["whole"]!.enumerated() {
            let (text, pair) = try texts(wanted)
            check(
                try family.tokenizer.encode(text, pair: pair), wanted, "\(name) whole[\(number)]")
        }
    }

    @Test(arguments: TokenizerFamily.names)
    func truncationAndPadding(name: String) throws {
        let family = try TokenizerFamily(name)
        var refused = 0
        for (number, wanted) in family.cases["limited"]!.enumerated() {
            let (text, pair) = try texts(wanted)
            let tokenizer = family.tokenizer.with(
                truncation: try part(wanted["truncation"])?.truncation(),
                padding: try part(wanted["padding"])?.padding())
            let note = "\(name) limited[\(number)]"
            guard wanted["refused"] == nil else {
                #expect(throws: PipelineError.self, "\(note)") {
                    try tokenizer.encode(text, pair: pair)
                }
                refused += 1
                continue
            }
            check(try tokenizer.encode(text, pair: pair), wanted, note)
            if pair == nil {
                #expect(try tokenizer.encodeIDs(text) == wanted["ids"] as? [Int32], "\(note)")
                let batch = try tokenizer.encodeBatch([text, ""])
                let alone = try tokenizer.encode(text).ids
                #expect(batch[0].ids == alone || tokenizer.padding != nil)
            }
        }
        #expect(refused < 5)
    }

    private func part(_ value: Any?) throws -> JSONPart? {
        guard let value = value as? [String: Any] else { return nil }
        func convert(_ value: Any) -> JSONValue {
            switch value {
            case let text as String: .string(text)
            case let number as Int: .number(String(number))
            case let members as [String: Any]: .object(members.mapValues(convert))
            default: .null
            }
        }
        return JSONPart(value: convert(value), name: "part")
    }

    /// What is written reads as the same tokenizer, and is written the same again.
    @Test(arguments: TokenizerFamily.names)
    func writtenAndReadAgain(name: String) throws {
        let family = try TokenizerFamily(name)
        let json = family.tokenizer.json()
        let again = try TokenizerPipeline(json: json)
        #expect(again.json() == json)
        #expect(again.normalizer == family.tokenizer.normalizer)
        #expect(again.preTokenizer == family.tokenizer.preTokenizer)
        #expect(again.postProcessor == family.tokenizer.postProcessor)
        #expect(again.decoder == family.tokenizer.decoder)
        #expect(again.addedTokens == family.tokenizer.addedTokens)
        for text in family.texts {
            #expect(try again.encode(text) == family.tokenizer.encode(text))
        }
    }

    @Test(arguments: TokenizerFamily.names)
    func batchesKeepTheirOrder(name: String) throws {
        let family = try TokenizerFamily(name)
        let texts = (0..<8).flatMap { _ in family.texts }
        let expected = try texts.map { try family.tokenizer.encodeIDs($0) }
        #expect(try family.tokenizer.encodeIDsBatch(texts) == expected)
        #expect(try family.tokenizer.encodeBatch(texts).map(\.ids) == expected)
        let decoded = try expected.map { try family.tokenizer.decode($0) }
        #expect(try family.tokenizer.decodeBatch(expected) == decoded)
    }

    /// Byte-level tokenizers give back what they were given, if nothing normalises it.
    @Test(arguments: ["gpt2", "llama3", "gpt4o", "smollm"])
    func anyTextComesBack(name: String) throws {
        let tokenizer = try TokenizerFamily(name).tokenizer
        var random = SeededNumbers(seed: 11)
        for _ in 0..<400 {
            let text = random.text(60)
            // Tokens that take white space with them give it not back.
            guard !text.contains("<mask>") else { continue }
            let ids = try tokenizer.encodeIDs(text, addSpecialTokens: false)
            let back = try tokenizer.decode(ids, skipSpecialTokens: false)
            #expect(Array(back.utf8) == Array(text.utf8), "\(text.debugDescription)")
            #expect(try tokenizer.encode(text, addSpecialTokens: false).ids == ids)
        }
    }

    /// The fast way and the way with offsets agree on any text.
    @Test(arguments: TokenizerFamily.names)
    func bothWaysAgree(name: String) throws {
        let tokenizer = try TokenizerFamily(name).tokenizer
        var random = SeededNumbers(seed: 12)
        for _ in 0..<200 {
            let text = random.text(80)
            let encoding = try tokenizer.encode(text)
            #expect(try tokenizer.encodeIDs(text) == encoding.ids, "\(text.debugDescription)")
            for range in encoding.byteOffsets { #expect(range.upperBound <= text.utf8.count) }
        }
    }
}
