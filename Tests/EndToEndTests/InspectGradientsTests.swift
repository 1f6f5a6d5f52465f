import Foundation
import MartletModels
import MartletStore
import MartletTensor
import MartletTestSupport
import Testing

/// `martlet inspect gradients`.
@Suite struct InspectGradientsTests {
    private let small = ["inspect", "gradients", "--time", "40", "--hidden", "12", "--input", "5"]

    private func network(_ outcome: Program.Outcome, _ place: Int = 0) throws -> [String: Any] {
        #expect(outcome.code == 0, "\(outcome.errors)")
        let networks = try #require(
            try jsonObject(outcome.output)["networks"] as? [[String: Any]])
        let parts = try #require(networks[place]["parts"] as? [[String: Any]])
        return parts[0]
    }

    private func kind(_ part: [String: Any]) -> String? {
        (part["verdict"] as? [String: Any])?["kind"] as? String
    }

    @Test func cellsSideBySide() throws {
        try withTemporaryFolder { root in
            let page = "\(root)/report.html"
            let outcome = try martlet(small + ["--cell", "rnn,lstm,gru", "--out", page])
            #expect(outcome.code == 0 && outcome.errors.isEmpty, "\(outcome.errors)")
            for part in [
                "at the first step", "per step back", "radius of W_hh", "saturated", "rnn_tanh",
                "vanishes: of the gradient at the last step", "│⠀⠀⠀", "t = 40", "saved  \(page)",
            ] { #expect(outcome.output.contains(part), "\(part)") }
            #expect(!outcome.output.contains("\u{1B}"))
            let lines = outcome.output.split(separator: "\n")
            #expect(lines.dropLast().allSatisfy { $0.count <= 100 })
            let html = try String(contentsOfFile: page, encoding: .utf8)
            #expect(html.contains("inspect gradients --time 40") && html.contains("Side by side"))
            for reference in ["http", "src=", "href", "url(", "@import", "<link", "<script"] {
                #expect(!html.contains(reference), "\(reference)")
            }
            // The one chart, and for each cell its eigenvalues and gates; 12 a gate.
            #expect(html.matches(of: /<svg/).count == 7)
            #expect(html.matches(of: /class="eigenvalue/).count == 12 * (1 + 4 + 3))
            #expect(html.matches(of: /<polyline/).count == 3)
            let picture = "\(root)/chart.svg"
            #expect(try martlet(small + ["--out", picture]).code == 0)
            let svg = try String(contentsOfFile: picture, encoding: .utf8)
            #expect(svg.hasPrefix("<svg xmlns=") && svg.matches(of: /<polyline/).count == 3)
        }
    }

    @Test func theNumbersAreThoseOfTheLoss() throws {
        let part = try network(try martlet(small + ["--cell", "lstm", "--json"]))
        let norms = try #require(part["gradient"] as? [Double])
        // The loss looks at h_T along a vector of length 1.
        #expect(norms.count == 40 && abs(norms[39] - 1) < 1e-12)
        #expect(part["last"] as? Double == norms[39] && part["first"] as? Double == norms[0])
        #expect((part["cell_gradient"] as? [Double])?.count == 40)
        let perStep = try #require(part["per_step"] as? Double)
        #expect(abs(pow(perStep, 39) / norms[0] - 1) < 1e-6)
        #expect(
            (part["spectra"] as? [[String: Any]])?.map { $0["gate"] as? String } == [
                "i", "f", "g", "o",
            ])
        let every = try network(
            try martlet(small + ["--cell", "lstm", "--loss", "every", "--json"]))
        #expect(try #require(every["gradient"] as? [Double]).allSatisfy { $0 > 0.5 })
    }

    @Test func optionsDoWhatTheySay() throws {
        func part(_ cell: String, _ more: String...) throws -> [String: Any] {
            try network(try martlet(small + ["--cell", cell, "--json"] + more))
        }
        func radius(_ part: [String: Any]) throws -> Double {
            try #require((part["spectra"] as? [[String: Any]])?[0]["radius"] as? Double)
        }
        let plain = try part("rnn")
        #expect(kind(plain) == "vanishes")
        let scaled = try part("rnn", "--scale", "2")
        #expect(abs(try radius(scaled) / radius(plain) - 2) < 1e-5)
        let orthogonal = try part("rnn", "--init", "keras")
        #expect(abs(try radius(orthogonal) - 1) < 1e-5)
        for cell in ["lstm", "gru"] {
            let first = try #require(try part(cell)["first"] as? Double)
            let kept = try #require(try part(cell, "--keep-bias", "4")["first"] as? Double)
            #expect(kept > 100 * first)
        }
        // A relu network has no ends to saturate at: with large matrices it explodes.
        #expect(kind(try part("rnn_relu", "--scale", "5")) == "explodes")
    }

    @Test func aModelOfAFolder() throws {
        try withTemporaryFolder { root in
            var random = RandomGenerator(seed: 2)
            let model = RecurrentModel(
                .init(cell: .gru, inputSize: 3, hiddenSize: 5, layers: 2, bidirectional: true),
                using: &random)
            let folder = "\(root)/model"
            try CheckpointFolder.write(to: folder, files: ModelFolder.files(of: model))
            let inspect = ["inspect", "gradients", "--model", folder]
            #expect(try martlet(inspect + ["--time", "9"]).output.contains("gru 2 ←"))
            let x = random.normal([4, 12, 3])
            let data = "\(root)/in.safetensors"
            try Safetensors.write(
                [
                    (name: "input", tensor: x),
                    (name: "lengths", tensor: Tensor([3, 12, 1, 0] as [Int64])),
                ], to: data)
            let outcome = try martlet(inspect + ["--data", data, "--json"])
            #expect(try #require(network(outcome)["gradient"] as? [Double]).count == 12)
            let broken = model.mapParameters { name, tensor in
                name == "weight_hh_l1" ? tensor / 0 : tensor
            }
            try CheckpointFolder.write(to: "\(root)/broken", files: ModelFolder.files(of: broken))
            try martlet("inspect", "gradients", "--model", "\(root)/broken").expectFailure(
                65, "\"weight_hh_l1\" holds a number that is NaN or infinite")
            let small = model.quantized(to: .int8)
            try CheckpointFolder.write(to: "\(root)/small", files: ModelFolder.files(of: small))
            try martlet("inspect", "gradients", "--model", "\(root)/small").expectFailure(
                65, "is quantised to int8")
            try Safetensors.write([(name: "input", tensor: random.normal([4, 12, 2]))], to: data)
            try martlet(inspect + ["--data", data]).expectFailure(
                65, "\"input\" has the shape [4, 12, 2]: expected [any, any, 3]")
            let large = try martlet(inspect + ["--time", "10000", "--batch", "4096"])
            #expect(large.code == 64 && large.errors.contains("take fewer steps"))
            try martlet("inspect", "gradients", "--model", "\(root)/none").expectFailure(
                65, "none/config.json: cannot be read", "expected a model's folder")
        }
    }

    @Test func aClassifierWithItsOwnLoss() throws {
        try withWorkshop { workshop in
            try workshop.train()
            let inspect = ["inspect", "gradients", "--model", workshop.run]
            let outcome = try martlet(
                inspect + ["--data", workshop.data, "--json", "--out", "\(workshop.root)/p.html"])
            #expect(
                try #require(network(outcome)["gradient"] as? [Double?]).contains { ($0 ?? 0) > 0 })
            let object = try jsonObject(outcome.output)
            #expect(object["loss"] as? String == "own")
            let text = try martlet(inspect + ["--data", workshop.data])
            #expect(text.output.contains("8 of 20 for testing"), "\(text.output)")
            try martlet(inspect).expectFailure(65, "needs labelled texts", "--data")
            try martlet(inspect + ["--data", workshop.data, "--time", "1"]).expectFailure(
                65, "none of 20 texts has 1 … 1 tokens")
        }
    }

    @Test(
        arguments: [
            ["--cell", "transformer"], ["--cell", "rnn,"], ["--cell", ""], ["--time", "0"],
            ["--time", "1000000000000"], ["--time", "10000", "--hidden", "1024"],
            ["--hidden", "0"],
            ["--scale", "nan"], ["--scale", "-1"], ["--data", "d"],
            ["--model", "m", "--scale", "2"],
            ["--model", "m", "--cell", "rnn"], ["--loss", "first"], ["--batch", "-1"],
        ])
    func wrongUsageIs64(_ arguments: [String]) throws {
        let outcome = try martlet(["inspect", "gradients"] + arguments)
        #expect(outcome.code == 64, "\(outcome.errors)")
        #expect(outcome.output.isEmpty && outcome.errors.hasPrefix("Error: "))
    }

    /// Everything that the third lesson types, but for the lines with names to fill in.
    @Test func theLessonsCommandsRun() throws {
        let page = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
            .appending(path: "Documentation/Learn/03-memory-and-gradients.md")
        let text = try String(contentsOf: page, encoding: .utf8)
        let commands = text.split(separator: "\n").filter {
            $0.hasPrefix("martlet inspect gradients") && !$0.contains("--model")
        }
        #expect(commands.count == 3)
        for command in commands {
            let outcome = try martlet(command.split(separator: " ").dropFirst().map(String.init))
            #expect(outcome.code == 0, "\(command): \(outcome.errors)")
            // The verdicts stand on the page.
            for line in outcome.lines where line.hasPrefix("rnn_tanh  ") {
                #expect(text.contains(line), "\(line)")
            }
        }
    }

    @Test func whatOverflowsIsSaid() throws {
        try martlet(small + ["--cell", "rnn_relu", "--scale", "1000000", "--time", "300"])
            .expectFailure(65, "grow beyond every number", "--scale")
    }
}
