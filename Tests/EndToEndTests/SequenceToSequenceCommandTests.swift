import Foundation
import MartletTestSupport
import Testing

/// `martlet train seq2seq`.
@Suite struct SequenceToSequenceCommandTests {
    private func training(_ data: String, _ out: String, _ more: String...) -> [String] {
        [
            "train", "seq2seq", "--data", data, "--out", out, "--hidden", "16", "--embedding", "8",
            "--epochs", "2", "--batch", "32", "--minimum-count", "1", "--target-unit", "word",
            "--metric", "per",
        ] + more
    }

    private func withPairs(_ body: (_ root: String, _ data: String) throws -> Void) throws {
        try withTemporaryFolder { root in
            let lines = (0..<200).map { number in
                let word = String(number + 1000)
                return word + "\t" + word.map { "N\($0)" }.joined(separator: " ")
            }
            try write(lines.joined(separator: "\n") + "\n", to: "\(root)/pairs.tsv")
            try body(root, "\(root)/pairs.tsv")
        }
    }

    @Test func aRunTellsWhatItDoesAndLeavesAFolder() throws {
        try withPairs { root, data in
            let outcome = try martlet(training(data, "\(root)/run"))
            #expect(outcome.code == 0, "\(outcome.errors)")
            for part in [
                "160 pairs to learn from, 20 to choose by, 20 to judge by", "tokens   characters",
                "validation PER", "┊ ", "test     PER ", "exact match",
            ] {
                #expect(outcome.errors.contains(part), "\(part) in \(outcome.errors)")
            }
            #expect(
                try names(in: "\(root)/run") == [
                    "config.json", "model.safetensors", "report.html", "source_tokenizer.json",
                    "target_tokenizer.json", "training.json",
                ])
            try martlet(training(data, "\(root)/run")).expectFailure(65, "holds a run already")
        }
    }

    @Test(arguments: ["lstm", "gru", "transformer"])
    func everyModelTrainsAndTellsItAsJSON(_ model: String) throws {
        try withPairs { root, data in
            let outcome = try martlet(
                training(data, "\(root)/run", "--model", model, "--json", "--layers", "2"))
            #expect(outcome.code == 0, "\(outcome.errors)")
            let objects = try outcome.objects()
            let events = objects.compactMap { $0["event"] as? String }
            #expect(events.first == "data" && events.last == "finished")
            #expect(events.count { $0 == "samples" } == 2)
            let record = try #require(objects.last?["record"] as? [String: Any])
            let test = try #require(record["test"] as? [String: Any])
            let scores = try #require(test["scores"] as? [[String: Any]])
            #expect(scores.map { $0["name"] as? String } == ["PER", "exact match"])
        }
    }

    @Test func wrongUseAndWrongPairsAreRefused() throws {
        try withPairs { root, data in
            try write("a\tb\nc\n", to: "\(root)/bad.tsv")
            try martlet(training("\(root)/bad.tsv", "\(root)/run"))
                .expectFailure(65, "bad.tsv:2: has 1 column: expected 2")
            let usages = [
                (["--validation", data], "--validation and --test need each other"),
                (["--model", "transformer", "--attention", "luong"], "--attention is for --model"),
                (["--scheduled-sampling", "2"], "--scheduled-sampling is 2.0"),
            ]
            for (more, expected) in usages {
                let outcome = try martlet(training(data, "\(root)/run") + more)
                #expect(
                    outcome.code == 64 && outcome.errors.contains(expected), "\(outcome.errors)")
            }
        }
    }
}
