import Checkpoints
import Tasks
import Testing

@Suite("Tasks of model cards")
struct TaskCatalogueTests {
  private func card(_ architecture: String, task: String? = nil) -> ModelCard {
    ModelCard(
      architecture: architecture, encoder: "resnet18", sensor: "custom", bands: [], classes: [], task: task)
  }

  @Test("Without a word a card's task is the one that networks of its architecture answer")
  func implied() throws {
    #expect(try TaskCatalogue.task(of: card("unet")) is Segmentation)
    #expect(try TaskCatalogue.task(of: card("classifier")) is SceneClassification)
    let named = card("classifier", task: MultiLabelClassification.name)
    #expect(try TaskCatalogue.task(of: named) is MultiLabelClassification)
  }

  @Test("A task that does not exist is an error with those that do")
  func unknown() {
    let error = #expect(throws: CheckpointError.self) {
      try TaskCatalogue.task(of: card("unet", task: "poetry"), path: "w.safetensors")
    }
    #expect(
      error?.description
        == "w.safetensors: no task 'poetry'; there are \(TaskCatalogue.names.joined(separator: ", "))")
  }
}
