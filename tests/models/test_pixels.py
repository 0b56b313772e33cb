import torch

from kinora.models.pixels import pixels_of, rgb_of


def test_every_pixel_comes_back_and_the_ends_are_the_ends():
    every = torch.arange(256, dtype=torch.uint8)
    rgb = rgb_of(every)
    assert torch.equal(pixels_of(rgb), every) and (rgb.min(), rgb.max()) == (-1, 1) and rgb.dtype == torch.float32


def test_what_lies_outside_is_cut_off():
    assert pixels_of(torch.tensor([-7.0, -1.001, 1.001, 7.0])).tolist() == [0, 0, 255, 255]
