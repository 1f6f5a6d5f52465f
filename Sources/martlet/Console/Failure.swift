import ArgumentParser
import MartletData
import MartletModels
import MartletStore
import MartletText
import MartletTraining

/// Errors become one line on standard error and an exit code of sysexits.h.
enum Failure {
    /// Runs a command's work; 65 for bad data, 130 after Ctrl-C.
    static func exiting(_ work: () throws -> Void) throws {
        do {
            try work()
        } catch TrainingError.interrupted(let epoch, let step) {
            Terminal.writeError("\n")
            Terminal.warn("\(TrainingError.interrupted(epoch: epoch, step: step))")
            throw ExitCode(130)
        } catch let error where isData(error) {
            Terminal.warn("\(error)")
            throw ExitCode(65)
        }
    }

    private static func isData(_ error: any Error) -> Bool {
        error is ModelError || error is StoreError || error is DataError
            || error is TokenizerError || error is TrainingError || error is InputError
            || error is OptimizerError
    }
}
