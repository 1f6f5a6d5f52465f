import ArgumentParser

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// The command line: every subcommand is one file in `Commands/`.
@main
struct Martlet: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "martlet",
        abstract: "Sequence models in Swift, from the RNN to the LLM.",
        discussion: Failure.codes,
        version: Version.current,
        subcommands: [
            TrainCommand.self, EvaluateCommand.self, PredictCommand.self, GenerateCommand.self,
            TranslateCommand.self,
            ForecastCommand.self, BacktestCommand.self, DetectAnomaliesCommand.self,
            CompareCommand.self, DetectSpeechCommand.self, RunCommand.self, InspectCommand.self,
            QuantizeCommand.self, EmbedCommand.self, TokenizerCommand.self, ScoreCommand.self,
            BenchCommand.self, InfoCommand.self,
        ])

    static func main() {
        // A limit of file sizes becomes an error of the write, which says what was kept.
        signal(SIGXFSZ, SIG_IGN)
        // A reader that goes away ends the process in silence, even where whoever started it ignores that.
        signal(SIGPIPE, SIG_DFL)
        main(nil)
    }
}
