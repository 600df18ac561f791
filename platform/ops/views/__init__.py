"""운영 화면의 페이지들. 읽기는 queries에, 모양은 templates에 있다."""
