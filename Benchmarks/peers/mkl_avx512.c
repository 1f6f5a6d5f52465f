// Preloaded into PyTorch, this tells MKL that the processor is one whose AVX-512 kernels it uses. On AMD it otherwise
// takes the AVX2 ones. The functions' names are MKL's own.

int mkl_serv_intel_cpu(void) { return 1; }

int mkl_serv_intel_cpu_true(void) { return 1; }
