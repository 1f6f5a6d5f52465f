import Foundation
import MartletTestSupport
import Testing

/// `martlet train image-classifier`, and what judges and uses it.
@Suite struct ImageClassifierCommandTests {
    @Test func aTrainedClassifierIsEvaluatedAndUsed() throws {
        try withTemporaryFolder { root in
            let (images, run) = ("\(root)/images", "\(root)/run")
            try MadeImages.write(to: images)
            let train = try martlet(
                "train", "image-classifier", "--data", images, "--out", run, "--channels", "4,8",
                "--hidden", "16", "--epochs", "6", "--batch", "16", "--learning-rate", "0.01",
                "--averaging", "0.9")
            #expect(train.code == 0 && train.output.isEmpty, "\(train.errors)")
            for part in [
                "images of 12 × 12", "labels   lying, standing, leaning",
                "216 to learn from, 24 to choose by, 60 to judge by", "nearest mean", "best epoch",
            ] { #expect(train.errors.contains(part), "\(part) in \(train.errors)") }
            // The table of epochs ends with the time of each.
            let first = try #require(
                train.errors.split(separator: "\n").first { $0.hasPrefix("1 ") })
            #expect(train.errors.contains("images/s  time\n") && first.hasSuffix(" 0:00"))
            let evaluate = try martlet("evaluate", "--model", run, "--data", images)
            #expect(evaluate.code == 0 && evaluate.output.contains("60 images (test)"))
            #expect(evaluate.output.contains("nearest mean"))
            let file = "\(images)/t10k-images-idx3-ubyte"
            let predict = try martlet("predict", "--model", run, "--input", file)
            #expect(predict.code == 0 && predict.lines.count == 60)
            #expect(predict.lines[59].hasSuffix("\t\(file):59"))
            let json = try martlet("predict", "--model", run, "--input", file, "--json").objects()
            #expect(json.count == 60 && json[3]["place"] as? Int == 3)
            try martlet("predict", "--model", run, "a text").expectFailure(
                65, "an image classifier reads the images of --input FILE")
            try martlet("evaluate", "--model", run, "--data", "\(root)/none").expectFailure(
                65, "none/train-images-idx3-ubyte")
        }
    }

    @Test(arguments: [
        (["--channels", "4,many"], "--channels"), (["--kernel", "2"], "--kernel is 2"),
        (["--shift", "65"], "--shift is 65"), ([], "--data is missing"),
    ])
    func wrongUsageIs64AndNamesTheFlag(_ arguments: [String], _ named: String) throws {
        let data = arguments.isEmpty ? [] : ["--data", "images"]
        let outcome = try martlet(
            ["train", "image-classifier", "--out", "run"] + data + arguments)
        #expect(outcome.code == 64 && outcome.errors.contains(named), "\(outcome.errors)")
    }
}
