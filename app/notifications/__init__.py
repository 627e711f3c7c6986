"""What the product tells people: in their inbox and by mail, once each, as they wish."""
