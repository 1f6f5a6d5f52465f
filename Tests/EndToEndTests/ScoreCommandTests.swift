import Foundation
import MartletTestSupport
import Testing

/// `martlet score`: the texts of sacreBLEU's own example, and what can be wrong with files.
@Suite struct ScoreCommandTests {
    private static let files = [
        "hyp.txt": [
            "The dog bit the man.", "It wasn't surprising.", "The man had just bitten him.",
        ],
        "ref1.txt": ["The dog bit the man.", "It was not unexpected.", "The man bit him first."],
        "ref2.txt": [
            "The dog had bit the man.", "No one was surprised.", "The man had bitten the dog.",
        ],
    ]

    /// Calls `body` with a folder of the example's files.
    private func withTexts(_ body: (_ root: String) throws -> Void) throws {
        try withTemporaryFolder { root in
            for (name, lines) in Self.files {
                try write(lines.joined(separator: "\n") + "\n", to: "\(root)/\(name)")
            }
            try body(root)
        }
    }

    private func example(_ root: String) -> [String] {
        ["score", "\(root)/hyp.txt", "\(root)/ref1.txt", "\(root)/ref2.txt"]
    }

    /// Runs it, successfully.
    private func score(_ arguments: [String], input: String = "") throws -> Program.Outcome {
        let outcome = try martlet(arguments, input: Data(input.utf8))
        #expect(outcome.code == 0 && outcome.errors.isEmpty, "\(outcome.errors)")
        return outcome
    }

    @Test func theScoresOfSacreBLEUsExample() throws {
        try withTexts { root in
            let lines = try score(example(root)).lines
            #expect(
                lines == [
                    "metric  score",
                    "BLEU    48.53  82.4/50.0/45.5/37.5 (BP = 0.943 ratio = 0.944 hyp_len = 17 ref_len = 18)",
                    lines.count > 2 ? lines[2] : "",
                    "BLEU   nrefs:2|case:mixed|eff:no|tok:13a|smooth:exp",
                    "chrF2  nrefs:2|case:mixed|eff:yes|nc:6|nw:0|space:no",
                ])
            #expect(lines.count > 2 && lines[2].hasPrefix("chrF2   59.73  (precision "))
            // Of standard input, and with Windows' ends of lines.
            let text = Self.files["hyp.txt"]!.joined(separator: "\r\n")
            let piped = try score(
                ["score", "-", "\(root)/ref1.txt", "\(root)/ref2.txt"], input: text)
            #expect(piped.lines == lines)
        }
    }

    @Test func everyMetricAsJSON() throws {
        try withTexts { root in
            let all = "bleu,chrf,chrf++,rouge-1,rouge-2,rouge-l,exact,wer,cer,per"
            let found = try score(example(root) + ["--metric", all, "--json"]).objects()
            #expect(
                found.compactMap { $0["metric"] as? String } == [
                    "BLEU", "chrF2", "chrF2++", "ROUGE-1", "ROUGE-2", "ROUGE-L", "exact match",
                    "WER", "CER", "PER",
                ])
            for one in found {
                let score = try #require(one["score"] as? Double)
                #expect(score > 0 && score <= 100 && one["lines"] as? Int == 3)
                #expect((one["signature"] as? String)?.hasPrefix("nrefs:2|") == true)
                #expect(one["details"] is [String: Any] && one["score_95"] == nil)
                let isRate = (one["metric"] as? String)?.hasSuffix("ER") == true
                #expect(one["higher_is_better"] as? Bool == !isRate)
            }
            #expect(abs((found[6]["score"] as? Double ?? 0) - 100.0 / 3) < 1e-9)
            let bleu = try #require(found[0]["details"] as? [String: Any])
            #expect(bleu["hypothesis_length"] as? Int == 17)
        }
    }

    @Test func optionsCount() throws {
        try withTexts { root in
            func bleu(_ more: String...) throws -> (Double, String) {
                let found = try score(example(root) + ["--metric", "bleu", "--json"] + more)
                    .objects()[0]
                return (
                    try #require(found["score"] as? Double),
                    try #require(found["signature"] as? String)
                )
            }
            let (plain, _) = try bleu()
            for (flags, part) in [
                (["--lowercase"], "case:lc"), (["--tokenize", "char"], "tok:char"),
                (["--tokenize", "intl"], "tok:intl"), (["--tokenize", "none"], "tok:none"),
                (["--tokenize", "zh"], "tok:zh"), (["--smooth", "none"], "smooth:none"),
                (["--smooth", "floor"], "smooth:floor[0.10]"),
                (["--smooth", "add-k", "--smooth-value", "2"], "smooth:add-k[2.00]"),
            ] {
                let found = try score(
                    example(root) + ["--metric", "bleu", "--json"] + flags
                ).objects()[0]
                #expect((found["signature"] as? String)?.contains(part) == true, "\(found)")
                if flags[0] == "--tokenize", flags[1] == "char" || flags[1] == "none" {
                    #expect(found["score"] as? Double != plain)
                }
            }
            try write("我喜欢这部电影\n", to: "\(root)/zh.txt")
            try write("我喜欢那部电影\n", to: "\(root)/zh-ref.txt")
            func chinese(_ more: String...) throws -> String {
                try score(["score", "\(root)/zh.txt", "\(root)/zh-ref.txt"] + more).lines[1]
            }
            #expect(try chinese("--metric", "bleu").hasPrefix("BLEU     0.00"))
            #expect(
                try chinese("--metric", "bleu", "--tokenize", "zh").contains("85.7/66.7/40.0/12.5"))
            #expect(try chinese("--metric", "rouge-1").hasPrefix("ROUGE-1   0.00"))
            #expect(
                try chinese("--metric", "rouge-1", "--rouge-tokenize", "unicode")
                    .hasPrefix("ROUGE-1  85.71"))
            #expect(
                try chinese("--metric", "cer")
                    == "CER     14.29  (1 substituted, 0 inserted, 0 deleted of 7)")
        }
    }

    @Test func linesByThemselves() throws {
        try withTexts { root in
            let plain = try score(example(root) + ["--sentence", "--metric", "bleu,exact"])
            #expect(plain.lines.count == 4)
            #expect(plain.lines[0] == "line\tBLEU\texact match")
            #expect(plain.lines[1] == "1\t100.00\t100.00")
            #expect(plain.lines[3].hasPrefix("3\t") && plain.lines[3].hasSuffix("\t0.00"))
            let json = try score(example(root) + ["--sentence", "--metric", "wer", "--json"])
                .objects()
            #expect(json.compactMap { $0["line"] as? Int } == [1, 2, 3])
            #expect((json[0]["scores"] as? [String: Double]) == ["WER": 0])
        }
    }

    /// A system that is right nine times of ten, and one that is right half of the time.
    private func withSystems(_ body: (_ root: String) throws -> Void) throws {
        try withTemporaryFolder { root in
            let references = (0..<120).map {
                "line \($0) says that the cat number \($0 * 7) sleeps"
            }
            func system(wrong: (Int) -> Bool) -> String {
                references.enumerated().map { wrong($0) ? "the dog runs off" : $1 }
                    .joined(separator: "\n") + "\n"
            }
            try write(references.joined(separator: "\n") + "\n", to: "\(root)/ref.txt")
            try write(system { $0 % 10 == 3 }, to: "\(root)/good.txt")
            try write(system { $0 % 2 == 1 }, to: "\(root)/bad.txt")
            try body(root)
        }
    }

    @Test func howSureAScoreIs() throws {
        try withSystems { root in
            let arguments = ["score", "\(root)/good.txt", "\(root)/ref.txt", "--confidence"]
            let plain = try score(arguments + ["--metric", "exact"])
            #expect(plain.lines[0] == "metric       score           95 %")
            #expect(plain.lines[1].hasPrefix("exact match  90.00  8"), "\(plain.lines[1])")
            #expect(plain.lines[1].hasSuffix("(108 of 120)"))
            #expect(plain.lines[2].hasSuffix("nrefs:1|bs:1000|seed:12345|case:mixed"))
            func interval(_ more: String...) throws -> [String: Double] {
                let found = try score(arguments + ["--json", "--metric", "bleu"] + more).objects()
                return try #require(found[0]["score_95"] as? [String: Double])
            }
            let usual = try interval()
            #expect(try interval("--resamples", "1000", "--seed", "12345") == usual)
            #expect(try interval("--seed", "7") != usual)
            #expect(try interval("--resamples", "50") != usual)
            let (lower, upper) = (usual["lower"] ?? 0, usual["upper"] ?? 0)
            #expect(lower < upper && upper < 100)
        }
    }

    @Test func twoSystemsAreCompared() throws {
        try withSystems { root in
            func compare(_ this: String, _ other: String) throws -> [String] {
                try score([
                    "score", "\(root)/\(this).txt", "\(root)/ref.txt", "--baseline",
                    "\(root)/\(other).txt", "--metric", "bleu,wer", "--resamples", "200",
                ]).lines
            }
            let better = try compare("good", "bad")
            #expect(
                better[0].split(separator: " ").prefix(4) == [
                    "metric", "baseline", "this", "difference",
                ])
            #expect(better[1].hasPrefix("BLEU") && better[1].hasSuffix("better"), "\(better)")
            #expect(better[2].hasPrefix("WER") && better[2].hasSuffix("better"), "\(better)")
            #expect(better[4].contains("bs:200|seed:12345"))
            for line in try compare("bad", "good")[1...2] { #expect(line.hasSuffix("worse")) }
            for line in try compare("bad", "bad")[1...2] {
                #expect(line.contains("+0.00") && line.hasSuffix("1.000  could be chance"))
            }
            let json = try score([
                "score", "\(root)/good.txt", "\(root)/ref.txt", "--baseline", "\(root)/bad.txt",
                "--metric", "exact", "--json",
            ]).objects()[0]
            let comparison = try #require(json["comparison"] as? [String: Any])
            #expect(
                comparison["baseline"] as? Double == 50 && comparison["system"] as? Double == 90)
            #expect((comparison["p_value"] as? Double ?? 1) < 0.01)
        }
    }

    @Test func whatIsWrongWithFiles() throws {
        try withTexts { root in
            let (hyp, ref) = ("\(root)/hyp.txt", "\(root)/ref1.txt")
            try write("One line.\n", to: "\(root)/short.txt")
            try martlet("score", hyp, ref, "\(root)/short.txt").expectFailure(
                65, "\(hyp) has 3 lines and \(root)/short.txt 1")
            try martlet("score", hyp, ref, "--baseline", "\(root)/short.txt").expectFailure(
                65, "\(root)/short.txt has 1 line and \(ref) 3")
            try martlet(["score", "-", ref], input: Data("a\nb\n".utf8)).expectFailure(
                65, "standard input has 2 lines and \(ref) 3")
            try martlet("score", hyp, "\(root)/nowhere.txt").expectFailure(
                65, "\(root)/nowhere.txt: cannot be read")
            try write("a\n \t\nc\n", to: "\(root)/gap.txt")
            try martlet("score", hyp, ref, "\(root)/gap.txt").expectFailure(
                65, "\(root)/gap.txt:2: the reference is empty", "--allow-empty-references")
            #expect(
                try martlet("score", hyp, "\(root)/gap.txt", "--allow-empty-references").code == 0)
            try Data([0x61, 0x0A, 0xFF, 0x0A, 0x63, 0x0A]).write(
                to: URL(fileURLWithPath: "\(root)/bytes.txt"))
            try martlet("score", hyp, "\(root)/bytes.txt").expectFailure(
                65, "\(root)/bytes.txt:2: not UTF-8 text")
            try write("", to: "\(root)/empty.txt")
            try martlet("score", "\(root)/empty.txt", "\(root)/empty.txt").expectFailure(
                65, "\(root)/empty.txt: there are no lines to score")
        }
    }

    @Test(
        arguments: [
            ["hyp"], ["hyp", "ref", "--metric", "meteor"], ["hyp", "ref", "--metric", "bleu,bleu"],
            ["hyp", "ref", "--metric", ""], ["hyp", "ref", "--tokenize", "moses"],
            ["hyp", "ref", "--smooth", "much"], ["hyp", "ref", "--smooth-value", "1"],
            ["hyp", "ref", "--smooth", "floor", "--smooth-value", "-1"],
            ["hyp", "ref", "--smooth", "floor", "--smooth-value", "nan"], ["-", "-"],
            ["hyp", "-", "--baseline", "-"], ["hyp", "ref", "--sentence", "--confidence"],
            ["hyp", "ref", "--sentence", "--baseline", "other"],
            ["hyp", "ref", "--resamples", "10"], ["hyp", "ref", "--seed", "10"],
            ["hyp", "ref", "--confidence", "--resamples", "0"],
            ["hyp", "ref", "--confidence", "--seed", "-1"],
        ])
    func wrongUsageIs64(_ arguments: [String]) throws {
        let outcome = try martlet(["score"] + arguments)
        #expect(outcome.code == 64 && outcome.output.isEmpty, "\(outcome.errors)")
        #expect(outcome.errors.contains("Usage: martlet score"), "\(outcome.errors)")
    }
}
