import ArgumentParser
import Foundation
import MartletTestSupport
import Testing

@testable import martlet

/// What the command says of itself, and its exit codes.
@Suite struct UsageTests {
    @Test func helpNamesEveryCommandAndTheExitCodes() throws {
        let help = try martlet("--help")
        #expect(help.code == 0 && help.errors.isEmpty)
        let text = help.output.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        for part in [
            "train Train", "evaluate Judge", "predict Say",
            "detect-speech Say", "run Run", "compare Compare", "bench ", "info Show",
            "64 wrong usage; 65 data", "69 something cannot be written; 70",
            "130 stopped by Ctrl-C",
        ] { #expect(text.contains(part), "\(part)") }
        let train = try martlet("train", "sentiment", "--help")
        #expect(train.code == 0)
        for flag in tinyFlags where flag.hasPrefix("--") {
            #expect(train.output.contains(flag), "\(flag)")
        }
        for part in ["--resume", "--overwrite", "--json", "--text-column"] {
            #expect(train.output.contains(part), "\(part)")
        }
    }

    @Test func versionAndInfo() throws {
        let version = try martlet("--version")
        #expect(version.code == 0 && version.output == Version.current + "\n")
        let info = try martlet(["info"], environment: ["MARTLET_THREADS": "2"])
        #expect(info.code == 0 && info.errors.isEmpty)
        #expect(info.output.contains("threads          2"))
        let json = try martlet(["info", "--json"], environment: ["MARTLET_THREADS": "1"])
        let objects = try json.objects()
        #expect(objects.count == 1)
        #expect(objects[0]["threads"] as? Int == 1)
        #expect(objects[0]["version"] as? String == Version.current)
    }

    @Test(
        arguments: [
            ["dance"], ["--loud"], ["train", "sentiment"],
            [
                "train", "sentiment", "--out", "x", "--data", "y", "--architecture", "cnn",
                "--cell", "gru",
            ], ["train", "sentiment", "--out", "x"],
            training("d", "o", "--hidden", "0"), training("d", "o", "--hidden", "many"),
            training("d", "o", "--dropout", "1"), training("d", "o", "--cell", "transformer"),
            training("d", "o", "--learning-rate", "nan"),
            training("d", "o", "--resume", "--overwrite"), ["predict", "a text"],
            ["predict", "--model", "m", "--input", "f", "a text"], ["evaluate", "--model", "m"],
            ["evaluate", "--model", "m", "--data", "d", "--split", "some"],
            ["run", "--model", "m", "--input", "i"],
            ["predict", "--model", "m", "--model", "n", "--trace", "a text"],
            [
                "train", "sentiment", "--out", "x", "--data", "y", "--architecture", "bag",
                "--hidden", "8",
            ],
        ])
    func wrongUsageIs64(_ arguments: [String]) throws {
        let outcome = try martlet(arguments)
        #expect(outcome.code == 64, "\(outcome.errors)")
        #expect(outcome.output.isEmpty)
        #expect(outcome.errors.hasPrefix("Error: ") && outcome.errors.contains("Usage: martlet"))
    }

    @Test func whatNobodyThoughtOfIsAnInternalError() {
        struct Odd: Error {}
        #expect(throws: ExitCode(70)) { try Failure.exiting { throw Odd() } }
        #expect(throws: ExitCode(65)) { try Failure.exiting { throw InputError(description: "x") } }
    }

    @Test func aMissingOrForeignModelIs65() throws {
        try withWorkshop { workshop in
            for arguments in [
                ["predict", "--model", workshop.run, "text"],
                ["evaluate", "--model", workshop.run, "--data", workshop.data],
                ["run", "--model", workshop.run, "--input", "i", "--output", "o"],
            ] {
                try martlet(arguments).expectFailure(
                    65, "\(workshop.run)/config.json: cannot be read",
                    "expected a model's folder with config.json and model.safetensors")
            }
            try FileManager.default.createDirectory(
                atPath: workshop.run, withIntermediateDirectories: true)
            try write("{\"architecture\": \"recurrent\"}", to: "\(workshop.run)/config.json")
            try martlet("predict", "--model", workshop.run, "text").expectFailure(
                65, "the architecture is \"recurrent\": expected \"sentiment-classifier\"")
            try martlet("evaluate", "--model", workshop.run, "--data", workshop.data)
                .expectFailure(65, "expected \"sentiment-classifier\"")
        }
    }

    @Test func aDamagedModelIs65() throws {
        try withWorkshop { workshop in
            try workshop.train("--epochs", "1")
            let whole = try workshop.file("model.safetensors")
            for count in [0, 7, 100, whole.count - 1] {
                try whole.prefix(count).write(
                    to: URL(fileURLWithPath: "\(workshop.run)/model.safetensors"))
                try martlet("predict", "--model", workshop.run, "text").expectFailure(
                    65, "\(workshop.run)/model.safetensors: not a valid safetensors file")
            }
        }
    }
}
