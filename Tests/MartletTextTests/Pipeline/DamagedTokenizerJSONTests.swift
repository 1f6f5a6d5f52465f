import Testing

@testable import MartletText

/// What is no tokenizer, or does not fit, ends in a clear error.
@Suite struct DamagedTokenizerJSONTests {
    /// A small tokenizer file with some of its parts replaced.
    private func file(
        model: String? = nil, vocabulary: String = #"{"a": 0, "b": 1, "ab": 2, "<unk>": 3}"#,
        merges: String = #"["a b"]"#, parts: String = ""
    ) -> String {
        let standard =
            #"{"type": "BPE", "unk_token": "<unk>", "vocab": \#(vocabulary), "merges": \#(merges)}"#
        return #"{"version": "1.0", \#(parts) "model": \#(model ?? standard)}"#
    }

    private func message(_ text: some Sequence<UInt8>) -> String {
        do {
            _ = try TokenizerPipeline(json: Array(text), path: "run/tokenizer.json")
            return "no error"
        } catch let error as PipelineError {
            return error.description
        } catch {
            return "another error: \(error)"
        }
    }

    @Test func theUnchangedFileIsWhole() throws {
        let tokenizer = try TokenizerPipeline(json: Array(file().utf8))
        #expect(try tokenizer.encodeIDs("abba") == [2, 1, 0])
        #expect(try tokenizer.encodeIDs("axb") == [0, 3, 1])
    }

    @Test(arguments: [
        ("", "expected '{'"), ("[]", "expected '{'"), ("{}", "\"model\" is missing"),
        (#"{"model": null}"#, "expected '{'"), (#"{"model": {}}"#, "\"vocab\" is missing"),
        (
            #"{"version": 1, "model": {"type": "WordLevel", "vocab": {}, "unk_token": "u"}}"#,
            "version: expected a text"
        ),
        (
            #"{"version": "2.0", "model": {"type": "WordLevel", "vocab": {}, "unk_token": "u"}}"#,
            "instead of \"1.0\""
        ),
        (#"{"model": {"type": "Magic", "vocab": {}}}"#, "the type \"Magic\" is not supported"),
        (
            #"{"model": {"type": "Unigram", "vocab": {"a": 0}}}"#,
            "expected a list of pieces with scores"
        ),
        (
            #"{"model": {"type": "BPE", "vocab": [["a", 0]], "merges": []}}"#,
            "expected pieces with numbers"
        ),
        (
            #"{"model": {"type": "Unigram", "vocab": [["a", 0.5]], "unk_id": 1}}"#,
            "model.unk_id: 1 is not one of the 1 pieces"
        ),
        (#"{"model": {"type": "Unigram", "vocab": [["a", 1e999]]}}"#, "is not a finite number"),
        (#"{"model": {"type": "WordPiece", "vocab": {"a": 0}}}"#, "\"unk_token\" is missing"),
    ])
    func otherContentIsNamed(json: String, reason: String) {
        #expect(message(json.utf8).contains(reason), "\(message(json.utf8))")
    }

    @Test func partsThatDoNotFitAreNamed() {
        let cases: [(String, String)] = [
            (file(merges: #"["a c"]"#), #"model.merges[0]: "c" is no piece"#),
            (
                file(merges: #"["a b", "ab a"]"#),
                #"model.merges[1]: "ab" and "a" give "aba", which is no piece"#
            ),
            (file(merges: #"["ab"]"#), "model.merges[0]: expected two pieces"),
            (file(merges: #"["a b c"]"#), "model.merges[0]: expected two pieces"),
            (file(merges: #"[["a", "b", "c"]]"#), "expected ']'"),
            (file(merges: "7"), "expected '['"),
            (file(vocabulary: #"{"a": 0, "b": 0}"#), #"id 0 is given to both "a" and "b""#),
            (file(vocabulary: #"{"a": 0, "b": 1, "ab": 2, "a": 3}"#), #""a" occurs twice"#),
            (file(vocabulary: #"{"a": -1}"#), "id -1 of \"a\" is not in 0..."),
            (file(vocabulary: #"{"a": 99999999999}"#), "id 99999999999 of \"a\" is not in 0..."),
            (file(vocabulary: #"{"a": 1.5}"#), "expected an integer"),
            (file(vocabulary: #"{"\ud83d": 1}"#), "half a surrogate pair"),
            (
                file(parts: #""normalizer": {"type": "Rot13"},"#),
                "normalizer: the type \"Rot13\" is not supported"
            ),
            (
                file(
                    parts:
                        #""pre_tokenizer": {"type": "Split", "pattern": {"Regex": "(a"}, "behavior": "Removed", "invert": false},"#
                ), "a parenthesis that is not closed"
            ),
            (
                file(
                    parts:
                        #""pre_tokenizer": {"type": "Split", "pattern": {"Regex": "(a)\\1"}, "behavior": "Removed"},"#
                ), "the back reference \\1"
            ),
            (
                file(
                    parts:
                        #""pre_tokenizer": {"type": "Split", "pattern": {"Regex": "(?=ab)"}, "behavior": "Removed"},"#
                ), "looking ahead by more than a character"
            ),
            (
                file(
                    parts:
                        #""pre_tokenizer": {"type": "Split", "pattern": {"Regex": "a"}, "behavior": "Sideways"},"#
                ), "expected one of Removed, Isolated"
            ),
            (
                file(parts: #""pre_tokenizer": {"type": "FixedLength", "length": 0},"#),
                "0 is not positive"
            ),
            (
                file(
                    parts:
                        #""normalizer": {"type": "Replace", "pattern": {"String": ""}, "content": "x"},"#
                ), "an empty pattern is not supported"
            ),
            (
                file(
                    parts: #""normalizer": {"type": "Precompiled", "precompiled_charsmap": "A"},"#),
                "not base 64"
            ),
            (
                file(
                    parts:
                        #""normalizer": {"type": "Precompiled", "precompiled_charsmap": "AAAA"},"#),
                "3 bytes are too few"
            ),
            (
                file(parts: #""decoder": {"type": "Metaspace", "replacement": "ab"},"#),
                "expected one character"
            ),
            (
                file(
                    parts:
                        #""post_processor": {"type": "TemplateProcessing", "single": [{"SpecialToken": {"id": "x", "type_id": 0}}], "pair": [], "special_tokens": {}},"#
                ), "\"x\", which is not one of special_tokens"
            ),
            (
                file(parts: #""added_tokens": [{"id": 9}],"#),
                "added_tokens[0]: \"content\" is missing"
            ),
            (
                file(parts: #""truncation": {"max_length": 4, "strategy": "LongestFirst"},"#),
                "truncation: \"stride\" is missing"
            ),
            (
                file(model: #"{"type": "BPE", "dropout": 2.0, "vocab": {}, "merges": []}"#),
                "model.dropout: 2.0 is not between 0 and 1"
            ),
            (file() + "x", "expected the end"),
        ]
        for (json, reason) in cases {
            let text = message(json.utf8)
            #expect(text.contains(reason), "\(text)")
            #expect(text.hasPrefix("run/tokenizer.json"), "\(text)")
        }
    }

    @Test func decodersWithoutEndAreRefused() {
        let opening = #"{"type": "Sequence", "decoders": ["#
        let deep = String(repeating: opening, count: 50_000)
        #expect(message(#"{"decoder": \#(deep)"#.utf8).contains("nested too deeply"))
        let nested =
            String(repeating: opening, count: 25) + #"{"type": "Fuse"}"#
            + String(repeating: "]}", count: 25)
        #expect(message(file(parts: #""decoder": \#(nested),"#).utf8) == "no error")
    }

    @Test func bytesThatAreNotUTF8AreRefused() {
        for bytes: [UInt8] in [[0xFF], [0xC3, 0x28], [0xED, 0xA0, 0x80]] {
            let json = Array(#"{"a": ""#.utf8) + bytes + Array(#""}"#.utf8)
            #expect(message(json).contains("damaged at byte 7: not UTF-8"))
        }
    }

    @Test func everyTruncationIsAnError() {
        let whole = Array(file(parts: #""decoder": {"type": "Fuse"},"#).utf8)
        for count in 0..<whole.count { #expect(message(whole.prefix(count)) != "no error") }
    }

    /// A changed file is refused, or it is a tokenizer that can do all that tokenizers can.
    @Test(arguments: ["llama2", "unigram", "bert-uncased", "word-level", "bpe-word-ends"])
    func changedBytesNeverCrash(name: String) throws {
        var random = SeededNumbers(seed: 21)
        let whole = try TokenizerFamily(name).tokenizer.json()
        var accepted = 0
        for round in 0..<120 {
            var bytes = whole
            for _ in 0...round % 2 {
                // Half of the changes hit the parts before the model, which are small.
                let limit = round % 2 == 0 ? bytes.count : min(bytes.count, 600)
                let place = Int.random(in: 0..<limit, using: &random)
                let noise = UInt8.random(in: .min ... .max, using: &random)
                bytes[place] = round % 4 < 2 ? bytes[place] ^ 1 << (noise & 7) : noise
            }
            do {
                let tokenizer = try TokenizerPipeline(json: bytes)
                accepted += 1
                let text = "The caf\u{E9} <s> \u{4F60}\u{597D} 12\u{1F600} x\u{301}"
                let ids = try tokenizer.encode(text, pair: "b").ids
                _ = try tokenizer.encodeIDs(text)
                _ = try tokenizer.decode(ids)
                _ = try TokenizerPipeline(json: tokenizer.json())
            } catch is PipelineError {}
        }
        #expect(accepted > 0 && accepted < 120)
    }
}
