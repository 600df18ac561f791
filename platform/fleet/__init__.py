"""플릿: session 서버들을 보고, 비우고, 차례로 갈아 끼운다. 뜻은 MariaDB에 남고 Redis가 곧바로 따른다."""
