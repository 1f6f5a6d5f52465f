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

    @Test func aTrainedModelTranslates() throws {
        try withPairs { root, data in
            let outcome = try martlet(
                training(
                    data, "\(root)/run", "--epochs", "40", "--learning-rate", "0.02", "--dropout",
                    "0", "--hidden", "32", "--batch", "16"))
            #expect(outcome.code == 0, "\(outcome.errors)")
            func translate(_ arguments: String...) throws -> Program.Outcome {
                try martlet(["translate", "--model", "\(root)/run"] + arguments)
            }
            let known = try translate("1023", "1187")
            #expect(known.output == "N1 N0 N2 N3\nN1 N1 N8 N7\n" && known.errors.isEmpty)
            try write("1023\n1187\n", to: "\(root)/lines.txt")
            #expect(try translate("--input", "\(root)/lines.txt").output == known.output)
            let piped = try Program.run(
                martletPath, ["translate", "--model", "\(root)/run"],
                input: Data("1023\n1187\n".utf8), environment: [:])
            #expect(piped.output == known.output)
            #expect(try translate("--type", "int8", "1023", "1187").output == known.output)
            let rounded = try translate("--type", "bfloat16", "1023", "1187")
            #expect(
                rounded.code == 64 && rounded.errors.contains("--type is bfloat16: this machine")
                    || rounded.output == known.output, "\(rounded.errors)")
            let impossible = try Program.run(
                martletPath, ["translate", "--model", "\(root)/run", "--type", "bfloat16", "1"],
                environment: ["MARTLET_BFLOAT16": "none"])
            #expect(impossible.code == 64 && impossible.errors.contains("int8 works everywhere"))
            let several = try translate("--n-best", "3", "1023")
            #expect(several.lines.count == 3 && several.output.hasPrefix("1\t"))
            #expect(try translate("--beam", "1", "1023").output == "N1 N0 N2 N3\n")
            #expect(try translate("--prefix", "N9 N9", "1023").output.hasPrefix("N9 N9"))
            let aligned = try translate("--alignment", "1023")
            #expect(aligned.lines.count == 5 && aligned.output.contains(" ← "))
            let object = try jsonObject(try translate("--json", "1023").output)
            let answers = try #require(object["answers"] as? [[String: Any]])
            #expect(answers.count == 1 && answers[0]["text"] as? String == "N1 N0 N2 N3")
            #expect((answers[0]["attention"] as? [[Double]])?.count == 4)
            let strange = try translate("10ж3")
            #expect(strange.code == 0 && strange.errors.contains("1 token of the texts never"))
            #expect(try translate("").code == 0)

            for (more, expected) in [
                (["--beam", "0"], "--beam is 0"), (["--beam", "10000"], "--beam is 10000"),
                (["--n-best", "9"], "--n-best is 9"), (["--length", "0"], "--length is 0"),
                (["--type", "int3"], "int3"),
            ] {
                let refused = try martlet(["translate", "--model", "\(root)/run", "1"] + more)
                #expect(refused.code == 64 && refused.errors.contains(expected))
            }
            try martlet("translate", "--model", "\(root)/nowhere", "1").expectFailure(65, "nowhere")
            let other = try bytes(of: "\(root)/run/target_tokenizer.json")
            try other.write(to: URL(fileURLWithPath: "\(root)/run/source_tokenizer.json"))
            try translate("1").expectFailure(
                65, "source_tokenizer.json", "both must come from one run")
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
