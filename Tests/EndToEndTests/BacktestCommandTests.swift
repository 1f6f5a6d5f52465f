import Foundation
import MartletTestSupport
import Testing

/// `martlet backtest`.
@Suite struct BacktestCommandTests {
    /// Hours of a load with a day in it, in a fresh folder.
    private func withLoad(
        _ change: (inout [String]) -> Void = { _ in }, _ body: (String, String) throws -> Void
    ) throws {
        try withTemporaryFolder { root in
            var lines = ["ts,load"]
            for hour in 0..<240 {
                let (day, clock) = (1 + hour / 24, hour % 24)
                let value = 50 + 10 * (clock < 12 ? clock : 24 - clock) + hour * 7 % 5
                lines.append(
                    "2024-01-\(day < 10 ? "0" : "")\(day) \(clock < 10 ? "0" : "")\(clock):00,\(value)"
                )
            }
            change(&lines)
            let path = "\(root)/load.csv"
            try write(lines.joined(separator: "\n") + "\n", to: path)
            try body(path, root)
        }
    }

    private func arguments(_ path: String, _ more: String...) -> [String] {
        ["backtest", "--data", path, "--time", "ts", "--target", "load"] + more
    }

    @Test func theTableHasEveryMethodAndTheVerdict() throws {
        try withLoad { path, root in
            let outcome = try martlet(
                arguments(
                    path, "--horizon", "12", "--season", "24", "--report", "\(root)/page.html"))
            #expect(outcome.code == 0 && outcome.errors.isEmpty, "\(outcome.errors)")
            for part in [
                "hourly", "naive", "seasonal naive", "drift", "linear", "MASE", "CRPS",
                "in the 80\u{A0}% band", "is best", "4 forecasts of 12 steps, every 12; season 24",
            ] { #expect(outcome.output.contains(part), "\(part) in \(outcome.output)") }
            let page = String(decoding: try bytes(of: "\(root)/page.html"), as: UTF8.self)
            #expect(page.hasPrefix("<!DOCTYPE html>") && page.contains("seasonal naive"))
        }
    }

    @Test func jsonHasEveryStep() throws {
        try withLoad { path, _ in
            let outcome = try martlet(
                arguments(
                    path, "--horizon", "6", "--stride", "3", "--span", "24", "--refit", "0",
                    "--quantiles", "0.05,0.5,0.95", "--json"))
            let objects = try outcome.objects()
            #expect(objects.count == 1 && objects[0]["forecasts"] as? Int == 7)
            #expect(objects[0]["season"] as? Int == 24)
            let methods = try #require(objects[0]["methods"] as? [[String: Any]])
            #expect(methods.count == 4)
            for method in methods {
                #expect((method["steps"] as? [Any])?.count == 6)
                let total = try #require(method["total"] as? [String: Any])
                #expect(total["count"] as? Int == 42 && total["mase"] is Double)
            }
        }
    }

    /// Without a value before the first origin there is no forecast, and no number in the figures: that is told, too.
    @Test func figuresThatAreNoNumbersAreTold() throws {
        func clear(_ lines: inout [String]) {
            for line in 1...200 { lines[line] = lines[line].split(separator: ",")[0] + "," }
        }
        try withLoad(clear) { path, _ in
            let objects = try martlet(arguments(path, "--horizon", "6", "--json")).objects()
            let methods = try #require(objects[0]["methods"] as? [[String: Any]])
            let total = try #require(methods[0]["total"] as? [String: Any])
            #expect(total["mae"] as? String == "NaN" && total["mase"] == nil)
            let plain = try martlet(arguments(path, "--horizon", "6"))
            #expect(plain.code == 0 && plain.output.contains("Nothing could be judged"))
        }
    }

    @Test func dataThatCannotBeUsedAre65AndNamed() throws {
        try withLoad({ $0[100] = $0[100].split(separator: ",")[0] + ",much" }) { path, _ in
            try martlet(arguments(path, "--horizon", "6")).expectFailure(65, "load.csv:101", "load")
        }
        try withLoad({ $0.remove(at: 100) }) { path, _ in
            try martlet(arguments(path, "--horizon", "6")).expectFailure(65, "load.csv:101")
        }
        try withLoad { path, _ in
            try martlet(arguments(path, "--horizon", "240")).expectFailure(
                65, "the series has 240 values in load: a horizon of 240 needs at least 241")
            try martlet(arguments(path + ".none", "--horizon", "6")).expectFailure(65, ".none")
        }
    }

    @Test(
        arguments: [
            ["--horizon", "0"], [], ["--horizon", "6", "--season", "day"],
            ["--horizon", "6", "--quantiles", "0.9,0.1"], ["--horizon", "6", "--span", "2"],
            ["--horizon", "6", "--season", "24,"], ["--horizon", "6", "--quantiles", "0.1,,0.9"],
            ["--horizon", "6", "--model", "runs/load"],
        ])
    func wrongUsageIs64(_ more: [String]) throws {
        let outcome = try martlet(
            ["backtest", "--data", "d.csv", "--time", "t", "--target", "y"] + more)
        #expect(outcome.code == 64, "\(outcome.errors)")
    }
}
