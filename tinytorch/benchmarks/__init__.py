"""Benchmarks: tinytorch's time as a ratio to PyTorch's, on the same work in the same run.

``python -m tinytorch.benchmarks`` (``make bench``) prints the table; ``ratios.json`` holds the
ratios of an earlier run, against which a change shows. Nothing else leans on this package.

PyTorch computes a layer in compiled loops that go once or twice over the memory. NumPy goes over it
once for each operation. For some rows this costs more than what we wished for, and the table has
one more column for them: the *floor*, what the calls of NumPy alone take that the fastest form we
found makes, without a graph, checks and new arrays (:mod:`.floors`). One thread of several AMD EPYC
with AVX-512:

=============================  ====  ==========  ==========  =====================================
work                           wish  measured    floor       what the floor is made of
=============================  ====  ==========  ==========  =====================================
LayerNorm(96) on 16x64x96      1.2   1.6 to 1.9  1.2 to 1.6  9 passes, each a tenth of PyTorch's
                                                             whole time, and 6 sums
GELU on 16x64x384              1.2   1.2 to 2.3  1.1 to 2.3  21 passes in the cache, 1 in memory;
                                                             exp alone is a third of PyTorch's
                                                             whole time
Softmax on 16x64x142           1.0   1.1 to 1.2  0.9 to 1.0  4 passes and 2 sums; exp is a third
Conv2d 16->32 on 32x16x16x16   1.5   1.2 to 1.5  1.0 to 1.1  3 matrix products, which are half of
                                                             it; 6 copies to the windows, 6 back
Conv2d 8->16 on 64x8x8x8       1.0   0.9 to 1.2  0.8 to 0.9  the same: rows of 6 numbers are copied
GPT reads 64x64 words          1.0   0.9 to 1.3  up to 1.2   matrix products, which are half of it
                                                             and take as long as PyTorch's; GELU
GPT, Adam step on 16x64 words  1.0   0.7 to 1.1              two thirds are matrix products, as fast
                                                             as PyTorch's; GELU and LayerNorm, above
GPT writes 60 words, cached    1.0   0.9 to 1.2              each array is a row: to call NumPy
                                                             takes longer than what it computes
=============================  ====  ==========  ==========  =====================================

What is measured depends on the processor, and on what else it does: with much else to do, PyTorch
waits for memory as NumPy does; with nothing else, its data stay in the cache.

What was tried for them, and is slower, or a gain that is not worth its code:

- Layer norm: blocks of rows that stay in the cache (a quarter slower: the calls cost more than the
  memory), ``einsum`` of three operands (half slower), one column for each row (to transpose takes
  as long as four passes), a product with ``I - 1/n`` for the mean (as long as eight). SciPy's
  ``blas.sger`` adds a mean or a bias in half a pass: a tenth of the whole, for three lines each.
- GELU: SciPy's ``erf`` and ``ndtr`` (six times slower, without vector instructions), tanh of a
  polynomial of seven terms (as fast with AVX-512, a third slower without), a rational function in
  tanh (as many passes), powers of x as the rows of a matrix product (slower), blocks of other sizes
  (slower). ``exp2`` takes half of exp's time, but only with AVX-512; without, three times as long.
- Softmax: blocks of rows (no gain), SciPy's ``softmax`` (twice as long as our forward).
- Convolution, forward: one product for each position in the window (two thirds slower), FFT (four
  times), windows copied at once (a sixth), ``einsum`` (half), channels last (a fifth). Both ways,
  the images last: a tenth faster for images of 8x8, a fifth slower for larger ones.

The kernels matter: ``OPENBLAS_CORETYPE=Haswell``, which keeps NumPy's products from AVX-512 but not
PyTorch's, makes them half as fast. ``make bench`` leaves it out.
"""
