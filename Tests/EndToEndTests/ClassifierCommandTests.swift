import Foundation
import MartletTestSupport
import Testing

/// `martlet train classifier`, and what judges and uses it.
@Suite struct ClassifierCommandTests {
    /// Rising and falling lines of different lengths, as a `.ts` file.
    private func lines(_ count: Int, from start: Int = 0, extra: String = "") -> String {
        var text = """
            @problemName Lines
            @timeStamps false
            @missing false
            @univariate true
            @equalLength false
            @classLabel true up down flat
            @data

            """
        for item in start..<start + count {
            let slope = item % 2 == 0 ? 1.0 : -1.0
            let values = (0..<4 + item % 5).map { "\(slope * Double($0) + Double(item % 7) / 10)" }
            text += values.joined(separator: ",") + (item % 2 == 0 ? ":up\n" : ":down\n")
        }
        return text + extra
    }

    private let flags = [
        "--hidden", "6", "--epochs", "15", "--batch", "8", "--learning-rate", "0.03", "--averaging",
        "0.8", "--jitter", "0.02", "--warp", "0.05",
    ]

    @Test func aTrainedClassifierIsEvaluatedAndUsed() throws {
        try withTemporaryFolder { root in
            try write(lines(40), to: "\(root)/train.ts")
            try write(lines(20, from: 100), to: "\(root)/test.ts")
            let train = try martlet(
                [
                    "train", "classifier", "--data", "\(root)/train.ts", "--test",
                    "\(root)/test.ts", "--out", "\(root)/run",
                ] + flags)
            #expect(train.code == 0 && train.output.isEmpty, "\(train.errors)")
            for part in [
                "1 channels, 4 … 8 steps", "labels   up, down", "32 to learn from, 8 to choose by",
                "test ", "1-NN DTW", "best epoch",
            ] { #expect(train.errors.contains(part), "\(part) in \(train.errors)") }
            let evaluate = try martlet(
                "evaluate", "--model", "\(root)/run", "--data", "\(root)/test.ts")
            #expect(evaluate.code == 0 && evaluate.output.contains("20 cases (all)"))
            #expect(evaluate.output.contains("1-NN DTW, scaled"))
            let json = try martlet(
                "evaluate", "--model", "\(root)/run", "--data", "\(root)/test.ts", "--json"
            ).objects()
            #expect((json[0]["model"] as? [String: Any])?["accuracy"] as? Double ?? 0 >= 0.9)
            let predict = try martlet(
                "predict", "--model", "\(root)/run", "--input", "\(root)/test.ts")
            #expect(predict.code == 0 && predict.lines.count == 20)
            #expect(predict.lines[0].hasPrefix("up\t") && predict.lines[0].hasSuffix("test.ts:8"))
            try martlet("predict", "--model", "\(root)/run", "a text").expectFailure(
                65, "a series classifier reads the series of --input FILE")
            try martlet(
                [
                    "train", "classifier", "--data", "\(root)/train.ts", "--out", "\(root)/run",
                ] + flags
            ).expectFailure(65, "holds a run already")
        }
    }

    @Test func filesThatCannotBeUsedAre65AndNamed() throws {
        try withTemporaryFolder { root in
            func failure(_ train: String, _ test: String, _ parts: String...) throws {
                try write(train, to: "\(root)/train.ts")
                try write(test, to: "\(root)/test.ts")
                let outcome = try martlet(
                    [
                        "train", "classifier", "--data", "\(root)/train.ts", "--test",
                        "\(root)/test.ts", "--out", "\(root)/run",
                    ] + flags)
                for part in parts { outcome.expectFailure(65, part) }
                #expect(!FileManager.default.fileExists(atPath: "\(root)/run"))
            }
            try failure(
                lines(20, extra: "1,2,3:sideways\n"), lines(4), "train.ts:28: label \"sideways\"")
            try failure(lines(20, extra: "1,2:3:up\n"), lines(4), "train.ts:28: has 2 dimensions")
            try failure(
                lines(20, extra: "1,?:up\n"), lines(4), "train.ts:28: value 2 of dimension 1")
            try failure(
                lines(20), lines(4, extra: "1,2:flat\n"),
                "test.ts:12: label \"flat\" is not one of up, down")
            try failure(lines(1), lines(4), "train.ts: has one label only, up")
        }
    }

    @Test func wrongUsageIs64() throws {
        for more in [
            ["--folds", "1"], ["--kernel", "4"], ["--missing", "drop"], ["--warp", "nan"],
        ] {
            let outcome = try martlet(
                ["train", "classifier", "--data", "d.ts", "--out", "o"] + more)
            #expect(outcome.code == 64, "\(more): \(outcome.errors)")
        }
        #expect(try martlet("train", "classifier", "--out", "o").code == 64)
    }
}
