"""What trades come to in money, from received weight and price: monthly statements per pair."""
