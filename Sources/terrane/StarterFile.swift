/// The pipeline files that `terrane init` prints.
enum StarterFile {
  /// Returns the starter for a task: right in everything but the paths, which the user has yet to fill in.
  static func text(for task: StarterTask) -> String {
    switch task {
    case .landCover: head(name: "landcover") + learning(from: "incoming") + stages(then: landCover)
    case .change: head(name: "change") + learning(from: nil) + stages(then: change)
    }
  }

  private static func head(name: String) -> String {
    """
    # yaml-language-server: $schema=terrane.schema.json
    # Made by 'terrane init'. 'terrane schema > terrane.schema.json' gives editors completion and checks;
    # 'terrane validate FILE' says everything that is wrong at once. Paths start where this file is.

    name: \(name)
    seed: 7                        # the same seed, input and thread count give the same bytes

    sensor: sentinel-2-l2a         # names the bands, their unit and their no-data
    bands: [B02, B03, B04, B08, B11, B12]

    classes:                       # the pixel values of labels and maps
    - {value: 1, name: water, color: "#419bdf"}
    - {value: 2, name: trees, color: "#397d49"}
    - {value: 3, name: crops, color: "#e49635"}
    - {value: 4, name: built, color: "#c4281b"}


    """
  }

  private static func learning(from scenes: String?) -> String {
    """
    data:
      source:                      # well labelled, but elsewhere, or another season
        - {scene: source/scene.tif, labels: source/labels.tif}
      target:                      # the place to map, with the few labels there are
        - {scene: target/scene.tif, labels: target/labels.gpkg, field: class}

    """
      + (scenes.map {
        """
          scenes: \($0)             # a directory of scenes to map; --scenes replaces it

        """
      }
        ?? """
          pairs:                       # two dates of one place
            - {before: dates/2023.tif, after: dates/2024.tif}

        """) + """

        chips: {size: 128, stride: 96} # pixels


        """
  }

  private static func stages(then last: String) -> String {
    """
    stages:
      - pretrain-load:             # a U-Net, its encoder from these weights
          weights: weights/encoder.safetensors
      - domain-adaptation:         # normalisation statistics of the target; {method: coral} aligns features
      - fine-tune:                 # first the head, then everything
      - evaluate:                  # on blocks of the labels held out in turn, beside a network trained from scratch
          split: spatial-blocks
      - inference:                 # windows over each scene, blended

    """ + last
  }

  private static let landCover = """
      - geotiff:                   # products/<scene>/landcover.tif and its confidence

    """

  private static let change = """
      - change-detection:          # from-to classes, change mask
      - geotiff:                   # products/<pair>/

    """
}
