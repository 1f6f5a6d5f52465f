import ArgumentParser
import MartletData
import MartletModels
import MartletNN
import MartletStore
import MartletText
import MartletTraining

/// Errors become one line on standard error and an exit code, those of sysexits.h where it has one.
enum Failure {
    /// What the exit codes mean, for `--help`.
    static let codes = """
        Exit codes: 64 wrong usage; 65 data, a model or a run that cannot be used; 69 something cannot be written; \
        70 a mistake in Martlet itself; 130 stopped by Ctrl-C.
        """

    /// Runs a command's work.
    static func exiting(_ work: () throws -> Void) throws {
        do {
            try work()
        } catch TrainingError.interrupted(let epoch, let step) {
            Terminal.writeError("\n")
            Terminal.warn("\(TrainingError.interrupted(epoch: epoch, step: step))")
            throw ExitCode(130)
        } catch {
            Terminal.warn(isExpected(error) ? "\(error)" : "internal error: \(error)")
            throw ExitCode(code(of: error))
        }
    }

    private static func code(of error: any Error) -> Int32 {
        switch error {
        case StoreError.unwritable, TokenizerError.unwritable: 69
        case _ where isExpected(error): 65
        default: 70
        }
    }

    /// Whether the error is about what was given, not about Martlet.
    private static func isExpected(_ error: any Error) -> Bool {
        error is ModelError || error is StoreError || error is DataError
            || error is TokenizerError || error is TrainingError || error is InputError
            || error is OptimizerError || error is RecurrentStateError || error is ForecastError
            || error is TokenizerTrainingError || error is PipelineError
    }
}
