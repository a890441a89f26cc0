"""Notes proposed to a doctor, for who proposes them and for who validates them."""
